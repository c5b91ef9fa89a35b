// Buttons on the map: full screen, measure, print. Leaflet has none of them, and no installed package carries them.
// Drawn as lines in a square of 24: signs of fonts are not on every machine.
qpvMap.signs = {
  fullscreen: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  measure: "M3 15 15 3l6 6L9 21zM7 11l2 2M10 8l3 3M13 5l2 2",
  print: "M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z",
  toggle: "M4 6h16M4 12h16M4 18h16",
  home: "M12 3v4M12 17v4M3 12h4M17 12h4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
};

qpvMap.sign = function (name) {
  const space = "http://www.w3.org/2000/svg";
  const made = document.createElementNS(space, "svg");
  made.setAttribute("viewBox", "0 0 24 24");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", qpvMap.signs[name]);
  made.append(path);
  return made;
};

qpvMap.button = function (name, title, act) {
  const made = L.DomUtil.create("button", `qpv-button qpv-${name}`);
  made.type = "button";
  made.title = title;
  made.setAttribute("aria-label", title);
  made.append(qpvMap.sign(name));
  L.DomEvent.disableClickPropagation(made);
  made.addEventListener("click", () => act(made));
  return made;
};

qpvMap.controls = function (map, home) {
  const { labels, button } = qpvMap;
  L.control.zoom({ position: "topleft", zoomInTitle: labels.zoomIn, zoomOutTitle: labels.zoomOut }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 140 }).addTo(map);
  const bar = L.control({ position: "topleft" });
  bar.onAdd = () => {
    const box = L.DomUtil.create("div", "leaflet-bar qpv-bar");
    box.append(button("home", labels.home, home));
    box.append(button("fullscreen", labels.fullscreen, qpvMap.toggleFullscreen));
    box.append(button("measure", labels.measure, qpvMap.measuring(map)));
    box.append(button("print", labels.print, () => window.print()));
    return box;
  };
  bar.addTo(map);
};

// A button for each town of the map: far apart, they are not read in one view.
qpvMap.towns = function (map, home, towns) {
  if (!towns?.length) return;
  const { element, labels } = qpvMap;
  const bar = L.control({ position: "topright" });
  bar.onAdd = () => {
    const made = towns.map(({ name, bounds }) => {
      const button = element("button", "qpv-town", name);
      button.type = "button";
      button.addEventListener("click", () => home.fit(bounds));
      return button;
    });
    const box = element("div", "leaflet-bar qpv-towns", made);
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", labels.towns);
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  bar.addTo(map);
};

qpvMap.toggleFullscreen = function () {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
};

qpvMap.metres = function (metres) {
  const kilometres = metres >= 1000;
  const options = { maximumFractionDigits: kilometres ? 2 : 0 };
  return `${(kilometres ? metres / 1000 : metres).toLocaleString("fr-FR", options)} ${kilometres ? "km" : "m"}`;
};

// A line of clicks and its length on the ground; Escape or the button again clears it.
qpvMap.measuring = function (map) {
  const line = L.polyline([], { color: "#d55e00", weight: 3, interactive: false });
  const told = L.control({ position: "bottomleft" });
  told.onAdd = () => qpvMap.element("output", "qpv-measured", qpvMap.labels.measuring);
  let button = null;
  const add = ({ latlng }) => {
    line.addLatLng(latlng);
    const points = line.getLatLngs();
    const length = points.slice(1).reduce((sum, point, k) => sum + map.distance(points[k], point), 0);
    if (points.length > 1) told.getContainer().textContent = qpvMap.metres(length);
  };
  const onKey = (event) => event.key === "Escape" && button && toggle(button);
  const toggle = (pressed) => {
    const starting = button === null;
    button = starting ? pressed : null;
    qpvMap.isMeasuring = starting;
    pressed.setAttribute("aria-pressed", String(starting));
    map.getContainer().classList.toggle("qpv-measures", starting);
    map[starting ? "on" : "off"]("click", add);
    document[starting ? "addEventListener" : "removeEventListener"]("keydown", onKey);
    if (starting) {
      line.setLatLngs([]).addTo(map);
      told.addTo(map);
      map.closePopup();
    } else {
      line.remove();
      told.remove();
    }
  };
  map.on("popupopen", () => qpvMap.isMeasuring && map.closePopup());
  return toggle;
};
