// Draws the outline of a site on the map: a click, or a button for the keyboard, sets each corner.

import { h } from "./dom.js";
import { DRAWING } from "./map-messages.js";

const { L } = window;
const LEAST_CORNERS = 3;
const DECIMALS = 6;

/** The tools that draw a site; `isDrawing` tells whether clicks set corners; `done(polygon)` gets its GeoJSON. */
export class SiteDrawing {
  constructor(map, done) {
    this.map = map;
    this.done = done;
    this.corners = null;
    this.line = L.polygon([], { className: "map-site", interactive: false });
    this.status = h("p", { role: "status" });
    this.start = button(DRAWING.start, () => this.begin(), "draw-site");
    this.finish = button(DRAWING.finish, () => this.end());
    this.undo = button(DRAWING.undo, () => this.setCorners(this.corners.slice(0, -1)));
    const tools = [
      button(DRAWING.centre, () => this.add(map.getCenter())),
      this.undo,
      this.finish,
      button(DRAWING.cancel, () => this.stop()),
    ];
    this.tools = h("div", { class: "map-drawing-tools", hidden: true }, this.status, h("div", { class: "row" }, tools));
    map.on("click", ({ latlng }) => this.isDrawing && this.add(latlng));
  }

  get isDrawing() {
    return this.corners !== null;
  }

  begin() {
    this.map.doubleClickZoom.disable();
    this.map.getContainer().classList.add("is-drawing");
    this.line.addTo(this.map);
    this.tools.hidden = false;
    this.start.hidden = true;
    this.setCorners([]);
    this.tools.querySelector("button").focus({ preventScroll: true });
  }

  add(corner) {
    this.setCorners([...this.corners, corner]);
  }

  setCorners(corners) {
    this.corners = corners;
    this.line.setLatLngs(corners);
    this.finish.disabled = corners.length < LEAST_CORNERS;
    this.undo.disabled = !corners.length;
    this.status.textContent = corners.length ? `${DRAWING.how} ${DRAWING.count(corners.length)}.` : DRAWING.how;
  }

  stop() {
    this.corners = null;
    this.line.remove();
    this.tools.hidden = true;
    this.start.hidden = false;
    this.map.doubleClickZoom.enable();
    this.map.getContainer().classList.remove("is-drawing");
    this.start.focus({ preventScroll: true });
  }

  end() {
    const ring = [...this.corners, this.corners[0]].map(({ lng, lat }) => [lng, lat].map(rounded));
    this.stop();
    this.done({ type: "Polygon", coordinates: [ring] });
  }
}

function button(text, act, id = null) {
  return h("button", { type: "button", class: "small", id, onclick: act }, text);
}

function rounded(degrees) {
  return Number(degrees.toFixed(DECIMALS));
}
