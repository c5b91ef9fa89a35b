// Draws the document of the page: see qpv_geo/maps/page.py and the modules that write it.
qpvMap.start = function (map, backgrounds) {
  const told = JSON.parse(document.getElementById("qpv-document").textContent);
  const { element } = qpvMap;
  document.documentElement.lang = "fr";
  qpvMap.labels = told.labels;
  map.attributionControl.setPrefix("Leaflet");
  const home = qpvMap.home(map, told.bounds);
  qpvMap.controls(map, () => home.fit());
  qpvMap.towns(map, home, told.towns);
  const projects = qpvMap.projects(told);
  const areas = qpvMap.areaLayers(map, told, projects);
  const marks = qpvMap.markLayers(map, told.marks);
  const lists = told.lists.filter(({ items }) => items.length).map((list) => qpvMap.listSection(map, list));
  const entries = qpvMap.entries(map, areas, marks);
  const items = qpvMap.searchable([...entries.filter(({ searched }) => searched), ...lists.flatMap(({ listed }) => listed)]);
  const panel = element("main", "qpv-panel");
  qpvMap.landmarks(map, panel);
  const narrow = window.matchMedia("(max-width: 640px)");
  const toggle = qpvMap.button("toggle", told.labels.panel, () => fold(!document.body.classList.contains("qpv-folded")));
  const fold = (yes) => {
    const refit = home.isSeen();
    document.body.classList.toggle("qpv-folded", yes);
    toggle.setAttribute("aria-expanded", String(!yes));
    map.invalidateSize({ pan: false });
    if (refit) home.fit();
  };
  const popups = qpvMap.popups(map, () => fold(false));
  const choose = (entry, opener) => {
    if (entry.id) {
      map.closePopup(); // one that is asked for again opens again, and takes the focus
      popups.opener = opener;
      if (narrow.matches) fold(true);
    }
    entry.go();
  };
  panel.append(
element("header", "", [toggle, element("div", "qpv-title", [...qpvMap.links(told.links), element("h1", "", told.title)])]),
    qpvMap.searchBox(map, items, (item, input) => choose(item, narrow.matches ? toggle : input)),
    element("div", "qpv-facts", told.facts.map((fact) => element("p", "", fact))),
    ...(told.offline ? [element("p", "qpv-note qpv-offline", told.offline)] : []),
    ...[qpvMap.filtering(map, told, areas, marks)].filter(Boolean),
    ...(Object.keys(marks).length ? [] : lists.map(({ made }) => made)),
    qpvMap.layersSection(map, told.groups, { ...areas, ...marks }, backgrounds, told.blank),
    qpvMap.legendSection(told.legend),
    qpvMap.listing(entries, told.groups, choose),
    ...(Object.keys(marks).length ? lists.map(({ made }) => made) : []),
    element("footer", "", [...told.notes, ...told.sources].map((line) => element("p", "qpv-note", line))),
  );
  document.body.append(panel);
  fold(narrow.matches);
  home.fit();
  qpvMap.names(map, areas);
  qpvMap.watchBackground(map, backgrounds);
  qpvMap.printing(map, home);
};

// The way to other pages; one without an address is this page.
qpvMap.links = function (links) {
  if (!links?.length) return [];
  const { element } = qpvMap;
  const made = links.map(({ label, href }) => {
    const link = element(href ? "a" : "span", "", label);
    link.setAttribute(...(href ? ["href", href] : ["aria-current", "page"]));
    return link;
  });
  const nav = element("nav", "qpv-links", made);
  nav.setAttribute("aria-label", qpvMap.labels.pages);
  return [nav];
};

// The map is a region, the panel what the page says; a link leads over the marks of the map, that may be many.
qpvMap.landmarks = function (map, panel) {
  const container = map.getContainer();
  container.setAttribute("role", "region");
  container.setAttribute("aria-label", qpvMap.labels.map);
  panel.id = "qpv-panel";
  const skip = qpvMap.element("a", "qpv-skip", qpvMap.labels.skip);
  skip.href = `#${panel.id}`;
  document.body.prepend(skip);
};
