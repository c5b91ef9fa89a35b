// A small map of a verdict: the place, its accuracy disc and the perimeters around; hatched where some may be missing.
// Drawn in SVG, without tiles: it sends requests to this server only. Buttons and keys zoom and recentre it; keys
// and the mouse move it.

import { perimeters } from "./api.js";
import { h, s, tell } from "./dom.js";
import { controlIcon } from "./icons.js";
import { crosses, openPathOf, pathOf, pathsOf, planeAround, ringsOf, roundBelow, squareAround } from "./projection.js";
import { MapSummary } from "./map-summary.js";
import * as msg from "./messages.js";

const { MAP } = msg;
const LEAST_REACH = 120;
const MOST_REACH = 12000;
const STEP = 0.35;
const ZOOM = 1.6;
const SCALE_PX = 120;
const SETTLE_MS = 120;
const SLOW_MS = 500;
const NAME_PX = 60; // closer to the place, a name would cover it
const LINE_PX = 18;
const HATCH_PX = 9;
const WORLD = squareAround({ x: 0, y: 0, reach: 3e7 });
const GRID = [-0.7, -0.5, -0.3, -0.1, 0.1, 0.3, 0.5, 0.7].flatMap((x, _, all) => all.map((y) => [x, y]));

/** The map element of a verdict that has a location and a generation. */
export function mapOf(verdict) {
  return new VerdictMap(verdict).element;
}

class VerdictMap {
  constructor(verdict) {
    const { lon, lat, accuracy_m: accuracy } = verdict.location;
    this.generation = verdict.generation;
    this.plane = planeAround(lon, lat);
    this.site = pathsOf(verdict.evidence.input.site, this.plane.toMetres);
    this.home = { x: 0, y: 0, reach: firstReach(verdict, this.site) };
    this.view = { ...this.home };
    this.loaded = null;
    this.request = null;
    this.features = []; // the perimeters drawn, with their rings
    this.known = []; // areas, as rings, where no perimeter is missing; whatever is outside one of them is hatched
    this.hatch = hatchPattern();
    this.gaps = s("g");
    this.zones = s("g", { class: "map-zones" });
    this.names = s("g", { class: "map-names" });
    this.marker = s("g", { class: "map-marker" }, s("circle", { r: 9 }), s("circle", { r: 3.5, class: "map-dot" }));
    this.svg = s(
      "svg",
      { class: "map-drawing", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true", focusable: "false" },
      s("defs", {}, this.hatch),
      this.gaps,
      this.zones,
      accuracy > 0 && s("circle", { class: "map-disc", r: accuracy }),
      this.site.length > 0 && s("path", { class: "map-site", d: openPathOf(this.site) }),
      this.names,
      this.marker,
    );
    this.scale = h("span", { class: "map-scale-text" });
    this.bar = h("span", { class: "map-scale-bar" });
    this.note = h("p", { class: "map-note", role: "status", hidden: true });
    this.frame = this.buildFrame(verdict);
    const place = verdict.reason === "weak_match" ? MAP.likest : MAP.point;
    this.seen = new MapSummary(place, { disc: accuracy > 0, site: this.site.length > 0 });
    const figure = h("figure", {}, this.frame, this.note, this.seen.sentence, this.seen.caption);
    this.element = h("div", { class: "map" }, figure, this.seen.list);
    new ResizeObserver(() => this.draw()).observe(this.frame);
  }

  buildFrame(verdict) {
    const button = (name, act) =>
      h("button", { type: "button", "aria-label": MAP[name], title: MAP[name], onclick: act }, controlIcon(name));
    const frame = h(
      "div",
      {
        class: "map-frame",
        tabindex: "0",
        role: "application",
        "aria-roledescription": "carte",
        "aria-label": msg.mapLabel(verdict),
        "aria-describedby": "map-seen",
      },
      this.svg,
      h("div", { class: "map-scale", "aria-hidden": "true" }, this.bar, this.scale),
      h("div", { class: "map-buttons" }, [
        button("in", () => this.zoom(1 / ZOOM)),
        button("out", () => this.zoom(ZOOM)),
        button("home", () => this.show(this.home)),
      ]),
    );
    frame.addEventListener("keydown", (event) => this.key(event));
    frame.addEventListener("pointerdown", (event) => this.grab(event));
    return frame;
  }

  key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (moves[event.key]) this.move(...moves[event.key].map((one) => one * STEP * this.view.reach));
    else if (event.key === "+" || event.key === "=") this.zoom(1 / ZOOM);
    else if (event.key === "-" || event.key === "−") this.zoom(ZOOM);
    else if (event.key === "0") this.show(this.home);
    else return;
    event.preventDefault();
  }

  /** Moves the map with the mouse; touch scrolls the page and uses the buttons. */
  grab(event) {
    if (event.pointerType !== "mouse" || event.button !== 0 || event.target.closest("button")) return;
    let [x, y] = [event.clientX, event.clientY];
    const drag = (moved) => {
      this.move((x - moved.clientX) * this.metresPerPixel, (y - moved.clientY) * this.metresPerPixel);
      [x, y] = [moved.clientX, moved.clientY];
    };
    const release = () => this.frame.removeEventListener("pointermove", drag);
    this.frame.setPointerCapture(event.pointerId);
    this.frame.addEventListener("pointermove", drag);
    this.frame.addEventListener("pointerup", release, { once: true });
    this.frame.addEventListener("pointercancel", release, { once: true });
  }

  move(x, y) {
    this.show({ ...this.view, x: this.view.x + x, y: this.view.y + y });
  }

  zoom(by) {
    this.show({ ...this.view, reach: Math.min(Math.max(this.view.reach * by, LEAST_REACH), MOST_REACH) });
  }

  show(view) {
    this.view = { ...view };
    this.draw();
  }

  get metresPerPixel() {
    return (2 * this.view.reach) / (this.frame.clientWidth || 1);
  }

  draw() {
    const { x, y, reach } = this.view;
    const size = this.metresPerPixel;
    this.svg.setAttribute("viewBox", [x - reach, y - reach, 2 * reach, 2 * reach].join(" "));
    this.marker.setAttribute("transform", `scale(${size})`);
    this.hatch.setAttribute("patternTransform", `scale(${size})`);
    this.placeNames(size);
    const length = roundBelow(SCALE_PX * size);
    this.bar.style.width = `${length / size}px`;
    this.scale.textContent = length < 1000 ? `${msg.number(length)} m` : `${msg.number(length / 1000)} km`;
    if (this.isLoaded()) this.tellSeen();
    else this.load();
  }

  /** Updates the description of the visible part. */
  tellSeen() {
    const { x, y, reach } = this.view;
    const box = { x, y, across: reach, down: (this.frame.clientHeight / 2) * this.metresPerPixel };
    const centre = new DOMPoint(x, y);
    const sees = (path, rings) => crosses(rings, box) || path.isPointInFill(centre);
    const shown = this.features.filter(({ rings }, k) => sees(this.zones.children[k], rings));
    const hatched = this.known.filter((rings, k) => sees(this.gaps.children[k], rings));
    const whole = hatched.some((rings) => !crosses(rings, box));
    this.seen.tell(shown, hatched.length ? (whole ? "all" : "part") : "none");
  }

  /**
   * Writes the name of each zone in the middle of its visible part, unless it would cover another name; away from the
   * place, except for zones too small for the grid.
   */
  placeNames(size) {
    const { x, y, reach } = this.view;
    const clear = (at) => Math.hypot(at.x, at.y) > NAME_PX * size;
    const written = [];
    const free = (at) =>
      written.every(
        (other) => Math.abs(at.x - other.x) > 2 * NAME_PX * size || Math.abs(at.y - other.y) > LINE_PX * size,
      );
    const grid = GRID.map(([across, down]) => new DOMPoint(x + across * reach, y + down * reach)).filter(clear);
    [...this.zones.children].forEach((zone, k) => {
      const at = middle(grid.filter((point) => zone.isPointInFill(point))) ?? this.centreInView(zone);
      const name = this.names.children[k];
      const shown = at && free(at);
      name.toggleAttribute("hidden", !shown);
      if (!shown) return;
      written.push(at);
      name.setAttribute("transform", `translate(${at.x} ${at.y}) scale(${size})`);
    });
  }

  /** The centre of a zone that holds no free grid point; null if it is out of view or the zone is wide. */
  centreInView(zone) {
    const { x, y, reach } = this.view;
    const box = zone.getBBox();
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    return Math.max(Math.abs(at.x - x), Math.abs(at.y - y)) < 0.9 * reach && box.width < reach ? at : null;
  }

  isLoaded() {
    const { x, y, reach } = this.view;
    const held = this.loaded;
    return held && Math.max(Math.abs(x - held.x), Math.abs(y - held.y)) + reach <= held.reach;
  }

  /** Fetches the perimeters of an area twice as wide as the view, once the map is still. */
  load() {
    const { x, y, reach } = this.view;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch({ x, y, reach: 2 * reach }), this.loaded ? SETTLE_MS : 0);
  }

  async fetch(wanted) {
    this.request?.abort();
    const controller = (this.request = new AbortController());
    const { x, y, reach } = wanted;
    const [west, north] = this.plane.toDegrees([x - reach, y - reach]);
    const [east, south] = this.plane.toDegrees([x + reach, y + reach]);
    const slow = setTimeout(() => this.hatchUnfetched(), SLOW_MS);
    try {
      const found = await perimeters([west, south, east, north], this.generation, controller.signal);
      const partial = found.numberReturned < found.numberMatched;
      this.loaded = wanted;
      this.hatchOutside(this.completeWithin(partial ? "none" : found.coverage));
      this.drawZones(found.features);
      tell(this.note, partial ? MAP.partial : null);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.hatchUnfetched();
      tell(this.note, MAP.failed);
    } finally {
      clearTimeout(slow);
    }
  }

  /** Hatches everything outside the area already fetched. */
  hatchUnfetched() {
    this.hatchOutside(...this.known.slice(0, 1), this.loaded ? [squareAround(this.loaded)] : []);
    this.tellSeen();
  }

  /** The rings of a coverage in the format of the server. */
  completeWithin(coverage) {
    return coverage === "all" ? [WORLD] : ringsOf(coverage, this.plane.toMetres);
  }

  /** Hatches, for each area given by its rings, everything outside it. */
  hatchOutside(...known) {
    this.known = known;
    this.gaps.replaceChildren(
      ...known.map((rings) => s("path", { class: "map-gap", fill: "url(#map-hatch)", d: pathOf([WORLD, ...rings]) })),
    );
  }

  drawZones(features) {
    this.features = features.map((one) => ({ ...one, rings: ringsOf(one.geometry, this.plane.toMetres) }));
    this.zones.replaceChildren(
      ...this.features.map(({ rings, properties }) =>
        s("path", { class: `map-zone map-zone-${properties.kind}`, d: pathOf(rings) }),
      ),
    );
    this.names.replaceChildren(
      ...features.map(({ properties }) => s("text", { "text-anchor": "middle" }, properties.lib_qp)),
    );
    this.draw();
  }
}

/** Slanted lines, with the same spacing at any zoom. */
function hatchPattern() {
  const side = HATCH_PX;
  const lines = `M-1 1 1-1M0 ${side} ${side} 0M${side - 1} ${side + 1} ${side + 1} ${side - 1}`;
  return s(
    "pattern",
    { id: "map-hatch", width: side, height: side, patternUnits: "userSpaceOnUse" },
    s("path", { class: "map-hatch", d: lines }),
  );
}

/** Half the width of the first view, in metres: it includes the site and the nearest limit, unless that is far. */
function firstReach(verdict, site) {
  const far = Math.abs(verdict.distance_m ?? 0);
  const wide = Math.max(0, ...site.flat(2).map(Math.abs));
  const wanted = Math.max(250, 3 * verdict.location.accuracy_m, 2 * far, 1.3 * wide);
  return wanted > MOST_REACH ? 1000 : wanted;
}

/** The point nearest to the mean of the points, or null if there are none. */
function middle(points) {
  const mean = (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean("x"), mean("y")];
  const far = (point) => Math.hypot(point.x - x, point.y - y);
  return points.sort((one, other) => far(one) - far(other))[0] ?? null;
}
