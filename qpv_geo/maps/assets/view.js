// What is seen: all of it at first, again where the panel takes room from it, and on paper.
qpvMap.fit = function (map, bounds) {
  qpvMap.endZoom(map);
  map.fitBounds(bounds, { paddingTopLeft: [64, 24], paddingBottomRight: [24, 24], maxZoom: 16, animate: false });
};

// Leaflet ignores any view that is asked for while it zooms, which takes a quarter of a second: it is ended first.
qpvMap.endZoom = (map) => map._onZoomTransitionEnd();

// Says so where the background cannot be reached, until it can.
qpvMap.watchBackground = function (map, backgrounds) {
  const told = L.control({ position: "bottomleft" });
  told.onAdd = () => {
    const box = qpvMap.element("p", "qpv-unreached", qpvMap.labels.noBackground);
    box.setAttribute("role", "status");
    return box;
  };
  let loaded = false;
  for (const { layer } of backgrounds) {
    layer.on("loading", () => (loaded = false));
    layer.on("tileload", () => {
      loaded = true;
      told.remove();
    });
    layer.on("tileerror", () => !loaded && !told._map && told.addTo(map));
    layer.on("remove", () => told.remove());
  }
};

// The first view, or that of the town chosen, follows the size of the map until somebody moves it.
qpvMap.home = function (map, first) {
  let zoom = null;
  const fit = (bounds = home.bounds) => {
    const { zoomSnap } = map.options;
    map.options.zoomSnap = 0.5; // a telephone shows the whole of it without being half empty
    home.bounds = bounds;
    qpvMap.fit(map, bounds);
    map.options.zoomSnap = zoomSnap;
    zoom = map.getZoom();
  };
  const isSeen = () => map.getZoom() === zoom && map.getBounds().contains(home.bounds);
  const home = { fit, isSeen, bounds: first };
  return home;
};

// The class gives the map the size that it has on paper, before the browser lays the sheet out: the view is made for it.
// A zoom between two levels fills that size; tiles, if any, are those that were there.
qpvMap.printing = function (map, home) {
  const { classList } = document.body;
  const snap = map.options.zoomSnap;
  let back = null;
  const before = () => {
    if (back) return;
    qpvMap.endZoom(map);
    const bounds = home.isSeen() ? home.bounds : map.getBounds();
    const folded = classList.contains("qpv-folded");
    back = { centre: map.getCenter(), zoom: map.getZoom(), folded };
    classList.remove("qpv-folded");
    classList.add("qpv-printing");
    map.invalidateSize({ pan: false, animate: false });
    map.options.zoomSnap = 0;
    if (bounds === home.bounds) qpvMap.fit(map, bounds);
    else map.fitBounds(bounds, { animate: false });
  };
  const after = () => {
    if (!back) return;
    const { centre, zoom, folded } = back;
    back = null;
    classList.remove("qpv-printing");
    classList.toggle("qpv-folded", folded);
    qpvMap.endZoom(map);
    map.invalidateSize({ pan: false, animate: false });
    map.setView(centre, zoom, { animate: false });
    map.options.zoomSnap = snap;
  };
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);
};
