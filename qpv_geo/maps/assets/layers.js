// Polygons on one canvas, marks in one group of clusters; each layer is {show, shown} for the panel.
qpvMap.fillOpacity = 0.75;

// Popups leave the buttons of the map free, on a telephone too.
qpvMap.popupOptions = (map) => ({
  minWidth: Math.min(260, map.getSize().x - 110),
  maxWidth: Math.min(340, map.getSize().x - 110),
  maxHeight: Math.max(90, Math.min(320, map.getSize().y - 60)),
  autoPanPaddingTopLeft: [56, 8],
  autoPanPaddingBottomRight: [8, 8],
});

qpvMap.areaLayers = function (map, told, projects) {
  const { areas, fills } = told;
  const found = {};
  for (const area of areas) {
    const layer = L.geoJSON(
      { type: "FeatureCollection", features: area.features },
      {
        style: area.style,
        pointToLayer: (_, at) => L.circleMarker(at, { radius: 5 }),
        onEachFeature: (feature, shape) => {
          const open = () => (area.named ? qpvMap.areaPopup(told, projects, feature.properties) : qpvMap.popup(feature.properties));
          shape.bindPopup(open, qpvMap.popupOptions(map));
          shape.bindTooltip(() => qpvMap.element("span", "", feature.properties.title), { sticky: true });
        },
      },
    );
    found[area.id] = { name: area.name, area, layer, shown: true, show: (yes) => qpvMap.stack(map, found, area.id, yes) };
  }
  if (fills && found[fills.of].area.features.some((feature) => feature.properties.fill)) {
    const of = found[fills.of];
    found[fills.id] = { name: fills.name, shown: true, show: (yes) => qpvMap.fill(of, yes) };
    qpvMap.fill(of, true);
  }
  for (const [id, one] of Object.entries(found)) {
    if (one.area && !one.area.features.length) delete found[id];
    else if (one.layer) one.layer.addTo(map);
  }
  return found;
};

// Layers keep their order on the canvas, whichever was shown last: a site stays clickable above its perimeter.
qpvMap.stack = function (map, layers, id, yes) {
  if (yes) layers[id].layer.addTo(map);
  else layers[id].layer.remove();
  for (const one of Object.values(layers)) {
    if (one.layer && map.hasLayer(one.layer)) one.layer.bringToFront();
  }
};

qpvMap.fill = function (of, yes) {
  of.layer.setStyle((feature) => {
    const colour = yes && feature.properties.fill;
    const { fillColor, fillOpacity } = of.area.style;
    return { fillColor: colour || fillColor, fillOpacity: colour ? qpvMap.fillOpacity : fillOpacity };
  });
};

qpvMap.pill = (text, colour) =>
  L.divIcon({
    className: "qpv-anchor",
    iconSize: [0, 0],
    html: Object.assign(qpvMap.element("span", "qpv-pill", text), { style: `background:${colour}` }),
  });

qpvMap.shown = (told) => {
  const projects = told.projects?.filter(({ id }) => qpvMap.shows(id));
  if (!projects || projects.length === told.projects.length) return told;
  return { ...told, projects, lines: qpvMap.withoutSums(told.lines) };
};

qpvMap.mark = function (map, told, renderer) {
  const labelled = "label" in told;
  const made = labelled
    ? L.marker(told.at, {
        icon: qpvMap.pill(told.label, told.colour),
        title: told.title,
        alt: told.title,
      })
    : L.circleMarker(told.at, {
        renderer,
        radius: told.radius,
        fillColor: told.colour,
        fillOpacity: 0.85,
        color: "#fff",
        weight: 1.5,
        className: "qpv-circle",
      });
  const inside = labelled ? told.projects : [told];
  made.qpvCount = inside.length;
  made.qpvCents = inside.map(({ cents }) => cents);
  made.bindPopup(() => qpvMap.popup(qpvMap.shown(told)), qpvMap.popupOptions(map));
  if (!labelled) made.bindTooltip(() => qpvMap.element("span", "", told.title));
  return made;
};

qpvMap.clusterIcon = function (cluster) {
  const count = cluster.getAllChildMarkers().reduce((sum, mark) => sum + mark.qpvCount, 0);
  const { oneProject, projects } = qpvMap.labels;
  const text = count === 1 ? oneProject : projects.replace("{}", count.toLocaleString("fr-FR"));
  const sum = qpvMap.total(cluster.getAllChildMarkers().flatMap(({ qpvCents }) => qpvCents));
  const told = `${text}, ${qpvMap.cents(sum)}`;
  const bubble = qpvMap.element("span", "qpv-cluster", count.toLocaleString("fr-FR"));
  if (sum) bubble.append(qpvMap.element("span", "qpv-sum", qpvMap.cents(sum)));
  bubble.title = told;
  bubble.setAttribute("role", "img");
  bubble.setAttribute("aria-label", told);
  const side = count < 10 ? 34 : count < 100 ? 40 : 48;
  return L.divIcon({ html: bubble, className: "qpv-clustered", iconSize: [side, side] });
};

qpvMap.markLayers = function (map, layers) {
  const renderer = L.svg({ pane: "markerPane" });
  const clusters = L.markerClusterGroup({
    animate: false,
    showCoverageOnHover: false,
    maxClusterRadius: 45,
    iconCreateFunction: qpvMap.clusterIcon,
  });
  const found = {};
  for (const { id, name, marks, hidden = false } of layers || []) {
    const made = marks.map((told) => qpvMap.mark(map, told, renderer));
    if (!made.length) continue;
    if (!hidden) clusters.addLayers(made);
    found[id] = {
      name,
      told: marks,
      made,
      clusters,
      shown: !hidden,
      kept: made,
      show: (yes) => (yes ? clusters.addLayers(found[id].kept) : clusters.removeLayers(made)),
    };
  }
  clusters.addTo(map);
  return found;
};
