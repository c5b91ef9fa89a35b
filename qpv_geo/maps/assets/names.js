// The names of perimeters, written on the map itself: those that fit, larger perimeters first, none over another.
qpvMap.names = function (map, layers) {
  const { element } = qpvMap;
  const pane = map.createPane("qpvNames");
  const found = Object.values(layers).filter(({ area }) => area && area.named);
  const labels = found.flatMap(({ layer }) => layer.getLayers()).map((shape) => {
    const box = element("span", "qpv-name", shape.feature.properties.title);
    box.setAttribute("aria-hidden", "true");
    pane.append(box);
    return { shape, box, bounds: shape.getBounds() };
  });
  const size = ({ bounds }) => (bounds.getNorth() - bounds.getSouth()) * (bounds.getEast() - bounds.getWest());
  labels.sort((a, b) => size(b) - size(a));
  const place = () => {
    const taken = [];
    const near = map.getZoom() >= 10.5;
    const seen = map.getBounds();
    for (const { shape, box, bounds } of labels) {
      box.hidden = true;
      if (!near || !map.hasLayer(shape) || !seen.intersects(bounds)) continue;
      const { x, y } = map.latLngToLayerPoint(bounds.getCenter());
      const top = map.latLngToLayerPoint(bounds.getNorthWest()).y;
      box.hidden = false;
      const wide = box.offsetWidth / 2;
      const high = box.offsetHeight;
      const mine = [x - wide, Math.min(top, y) - high, x + wide, Math.min(top, y)];
      box.hidden = taken.some((one) => mine[0] < one[2] && one[0] < mine[2] && mine[1] < one[3] && one[1] < mine[3]);
      if (box.hidden) continue;
      taken.push(mine);
      L.DomUtil.setPosition(box, L.point(mine[0], mine[1]));
    }
  };
  map.on("zoomend moveend resize layeradd layerremove", place);
  place();
};
