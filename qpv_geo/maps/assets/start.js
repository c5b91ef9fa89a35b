// Draws the document of the page: see qpv_geo/maps/page.py and the modules that write it.
qpvMap.start = function (map, backgrounds) {
  const told = JSON.parse(document.getElementById("qpv-document").textContent);
  const { element } = qpvMap;
  document.documentElement.lang = "fr";
  qpvMap.labels = told.labels;
  map.attributionControl.setPrefix("Leaflet");
  qpvMap.controls(map);
  const areas = qpvMap.areaLayers(map, told.areas, told.fills);
  const marks = qpvMap.markLayers(map, told.marks);
  const lists = told.lists.filter(({ items }) => items.length).map((list) => qpvMap.listSection(map, list));
  const items = qpvMap.searchable(map, areas, marks, lists.flatMap(({ listed }) => listed));
  const panel = element("aside", "qpv-panel");
  const narrow = window.matchMedia("(max-width: 640px)");
  const toggle = qpvMap.button("toggle", told.labels.panel, () => fold(!document.body.classList.contains("qpv-folded")));
  const home = qpvMap.home(map, told.bounds);
  const fold = (yes) => {
    const refit = home.isSeen();
    document.body.classList.toggle("qpv-folded", yes);
    toggle.setAttribute("aria-expanded", String(!yes));
    map.invalidateSize({ pan: false });
    if (refit) home.fit();
  };
  panel.append(
    element("header", "", [toggle, element("h1", "", told.title)]),
    qpvMap.searchBox(items, () => narrow.matches && fold(true)),
    element("div", "qpv-facts", told.facts.map((fact) => element("p", "", fact))),
    ...(told.offline ? [element("p", "qpv-note qpv-offline", told.offline)] : []),
    qpvMap.layersSection(map, told.groups, { ...areas, ...marks }, backgrounds, told.blank),
    qpvMap.legendSection(told.legend),
    ...lists.map(({ made }) => made),
    element("footer", "", [...told.notes, ...told.sources].map((line) => element("p", "qpv-note", line))),
  );
  document.body.append(panel);
  fold(narrow.matches);
  home.fit();
  qpvMap.printing(map, home);
};
