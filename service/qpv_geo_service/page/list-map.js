// The rows of a list on a map: one dot each, of the colour of its answer.

import { addBackground } from "./background.js";
import { h, tell } from "./dom.js";
import { installed } from "./generations.js";
import { LIST } from "./list-messages.js";
import { STATUS_SHORT } from "./messages.js";
import { hatchPattern, PerimeterLayer } from "./perimeter-layer.js";

const { L } = window;
const MOST_ZOOM = 17;
const RADIUS_PX = { inside: 6, outside: 5, uncertain: 7 };

/** A folded map of the points of a list; drawn once it is opened. */
export function listMap(points, limit) {
  if (!points.length) return null;
  const frame = h("div", {
    class: "map-frame",
    role: "application",
    "aria-roledescription": "carte",
    "aria-label": LIST.mapLabel(points.length),
  });
  const note = h("p", { class: "map-note" });
  const cut = points.length >= limit && h("p", { class: "map-note" }, LIST.cut(points.length));
  const element = h("details", { class: "list-map" }, h("summary", {}, LIST.map), hatchPattern(), frame, note, cut);
  element.addEventListener("toggle", () => element.open && !frame.classList.contains("leaflet-container") && draw(frame, note, points));
  return element;
}

function draw(frame, note, points) {
  const map = L.map(frame, { maxZoom: 20, minZoom: 5, zoomAnimation: false, fadeAnimation: false, scrollWheelZoom: false });
  map.attributionControl.setPrefix(false);
  map.fitBounds(L.latLngBounds(points.map(({ lon, lat }) => [lat, lon])), { padding: [24, 24], maxZoom: MOST_ZOOM });
  addBackground(map, (text) => tell(note, text));
  new PerimeterLayer(map, installed().at(-1), {});
  for (const { lon, lat, row, status } of points) {
    const dot = L.circleMarker([lat, lon], { radius: RADIUS_PX[status] ?? 6, className: `list-dot status-${status}` });
    dot.bindTooltip(`${LIST.row(row)} : ${STATUS_SHORT[status] ?? status}`).addTo(map);
  }
}
