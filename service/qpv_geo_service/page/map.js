// The map of a verdict: the place, its margin of error, the numbers of a street or the site, and the perimeters around;
// a click or the pin asks about another point. Leaflet draws it, from this server's own copy.

import { perimeters } from "./api.js";
import { addBackground } from "./background.js";
import { h, tell } from "./dom.js";
import { installed } from "./generations.js";
import { controlIcon, icon } from "./icons.js";
import { MAP, mapLabel } from "./map-messages.js";
import { MapSummary } from "./map-summary.js";
import { hatchPattern, PerimeterLayer } from "./perimeter-layer.js";
import { pointAt } from "./question.js";
import { SiteDrawing } from "./site-drawing.js";
import { point as pointText } from "./answer-messages.js";

const { L } = window;
const LEAST_REACH_M = 180;
const MOST_REACH_M = 12000;
const [LEAST_ZOOM, MOST_ZOOM] = [10, 20]; // further out, too many perimeters would be asked for
const BESIDE_CONTROLS = [64, 8]; // pixels, so that a popup is not under them

/** Whether a verdict has something to show on a map: a point, a site, or the commune of what is not located. */
export function hasMap(verdict) {
  return Boolean(generationOf(verdict)) && (verdict.location.lon !== null || communeOf(verdict) !== null);
}

/** The generation of a verdict, the last one where none answered. */
function generationOf({ generation }) {
  return generation ?? installed().at(-1);
}

/** The INSEE code of the commune of an address without a point, or null if that is not sure either. */
function communeOf({ location, evidence }) {
  const { communes = [] } = evidence.input.found ?? {};
  return location.citycode ?? (communes.length === 1 && communes[0].is_sure ? communes[0].citycode : null);
}

/** The map of a verdict for which `hasMap`; `ask(question)` is called to ask about another point or a site. */
export class PlaceMap {
  constructor(verdict, ask) {
    const { location } = verdict;
    this.verdict = verdict;
    this.generation = generationOf(verdict);
    this.ask = ask;
    this.at = location.lon === null ? null : L.latLng(location.lat, location.lon);
    this.site = verdict.evidence.input.site ?? null;
    this.isWeak = verdict.reason === "weak_match";
    this.hasDisc = this.at && location.accuracy_m > 0 && !this.site && location.type !== "street";
    this.summary = new MapSummary(this.legend());
    this.frame = h("div", {
      class: "map-frame",
      role: "application",
      "aria-roledescription": "carte",
      "aria-label": mapLabel(verdict),
      "aria-describedby": "map-seen",
    });
    this.note = h("p", { class: "map-note", role: "status", hidden: true });
    this.background = h("p", { class: "map-note" });
    this.tools = h("div", { class: "map-tools" });
    const told = [this.tools, this.note, this.summary.sentence, this.summary.caption, this.background];
    this.element = h("div", { class: "map" }, hatchPattern(), h("figure", {}, this.frame, told), this.summary.list);
    this.sized = new ResizeObserver(() => this.resize());
    this.sized.observe(this.frame);
  }

  legend() {
    const place = this.isWeak ? MAP.likest : MAP.point;
    return [
      this.site ? ["site", MAP.site] : this.at && !this.verdict.street && ["point", place],
      this.hasDisc && ["disc", MAP.disc],
    ].filter(Boolean);
  }

  /** Leaflet measures its frame, which must be in the page. */
  resize() {
    if (!this.frame.clientWidth) return;
    if (this.map) this.map.invalidateSize({ pan: false });
    else this.start();
  }

  start() {
    const map = (this.map = L.map(this.frame, {
      zoomControl: false,
      maxZoom: MOST_ZOOM,
      minZoom: LEAST_ZOOM,
      scrollWheelZoom: false, // the wheel scrolls the page until the map has the focus
      dragging: !L.Browser.mobile, // one finger scrolls the page, two move the map
      zoomAnimation: false,
      fadeAnimation: false,
      markerZoomAnimation: false,
      inertia: false,
    }));
    map.attributionControl.setPrefix(false);
    L.control.zoom({ position: "topright", zoomInTitle: MAP.in, zoomOutTitle: MAP.out }).addTo(map);
    new HomeControl({ position: "topright", act: () => this.home() }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    this.frame.addEventListener("keydown", ({ key, target }) => key === "0" && target === this.frame && this.home());
    this.drawPlace();
    if (this.bounds) this.open();
    else this.openCommune();
  }

  /** Shows the place; the first view decides what the other layers ask for. */
  open() {
    this.home();
    addBackground(this.map, (text) => tell(this.background, text));
    this.layer = new PerimeterLayer(this.map, this.generation, {
      place: this.at,
      told: (features, gap, problem) => {
        this.summary.tell(features, gap);
        tell(this.note, problem && MAP[problem]);
      },
    });
    this.addTools();
  }

  /** Frames the perimeters of a commune, which has no point. */
  async openCommune() {
    try {
      const { features } = await perimeters({ commune: communeOf(this.verdict) }, this.generation);
      this.element.hidden = !features.length; // nothing tells where the commune is
      if (!features.length) return;
      this.bounds = L.geoJSON(features).getBounds();
      this.open();
    } catch {
      tell(this.note, MAP.failed);
    }
  }

  home() {
    this.map.fitBounds(this.bounds, { animate: false });
  }

  /** Frames one perimeter. */
  show(code) {
    const bounds = this.layer?.boundsOf(code);
    if (bounds) this.map.fitBounds(bounds, { animate: false });
    this.frame.scrollIntoView({ block: "nearest" });
  }

  /** Draws the perimeters of another generation too, as outlines. */
  compare(generation) {
    if (this.other || !this.map) return;
    this.frame.classList.add("has-other");
    this.other = new PerimeterLayer(this.map, generation, { isOther: true });
    this.summary.add("other", MAP.earlier(generation));
  }

  remove() {
    this.sized.disconnect();
    this.map?.remove();
  }

  drawPlace() {
    const { location, street } = this.verdict;
    if (this.site)
      this.bounds = L.geoJSON(this.site, { style: { className: "map-site" }, interactive: false })
        .addTo(this.map)
        .getBounds();
    else if (street) this.bounds = this.drawStreet();
    else if (this.at) {
      if (this.hasDisc)
        L.circle(this.at, { radius: location.accuracy_m, className: "map-disc", interactive: false }).addTo(this.map);
      this.addPin();
      this.bounds = this.at.toBounds(2 * reachOf(this.verdict));
    }
    this.bounds = this.bounds?.pad(this.site || street ? 0.25 : 0);
  }

  /** Draws the numbers of a street, each with the shape and colour of its answer. */
  drawStreet() {
    const { street, evidence } = this.verdict;
    const bounds = L.latLngBounds([]);
    const statusOf = (number) =>
      ["inside", "outside", "uncertain"].find((name) => street.some((side) => side[name].includes(number)));
    for (const { housenumber, lon, lat } of evidence.input.found.numbers) {
      const status = statusOf(housenumber) ?? "uncertain";
      const html = h("span", {}, icon(status), h("span", {}, housenumber));
      const mark = L.divIcon({ className: `map-door status-${status}`, html, iconSize: [0, 0] });
      L.marker([lat, lon], { icon: mark, interactive: false, keyboard: false }).addTo(this.map);
      bounds.extend([lat, lon]);
    }
    return bounds.isValid() ? bounds : this.at.toBounds(2 * LEAST_REACH_M);
  }

  addPin() {
    const pin = L.divIcon({ className: "map-pin", html: icon("pin"), iconSize: [30, 30], iconAnchor: [15, 29] });
    const marker = (this.pin = L.marker(this.at, {
      icon: pin,
      draggable: true,
      autoPan: true,
      keyboard: false,
      title: MAP.pin,
    }));
    marker.on("dragend", () => this.ask(pointAt(marker.getLatLng())));
    marker.addTo(this.map);
  }

  addTools() {
    const drawing = new SiteDrawing(this.map, (polygon) => this.ask({ drawn: polygon }));
    const centre = h(
      "button",
      { type: "button", class: "small", onclick: () => this.ask(pointAt(this.map.getCenter())) },
      MAP.checkCentre,
    );
    this.tools.append(
      h("p", { class: "quiet" }, this.pin ? MAP.pin : MAP.click),
      h("div", { class: "row" }, centre, drawing.start),
      drawing.tools,
    );
    this.map.on("click", ({ latlng }) => !drawing.isDrawing && this.offer(latlng));
  }

  /** Offers to check the point of a click: a click alone would lose the answer shown. */
  offer(latlng) {
    const { lon, lat } = pointAt(latlng);
    const check = h(
      "button",
      { type: "button", class: "small primary", onclick: () => this.ask({ lon, lat }) },
      MAP.checkPoint,
    );
    const content = h("div", { class: "map-offer" }, h("p", {}, pointText(lon, lat)), check);
    L.popup({ maxWidth: 200, autoPanPaddingTopLeft: [8, 8], autoPanPaddingBottomRight: BESIDE_CONTROLS })
      .setLatLng(latlng)
      .setContent(content)
      .openOn(this.map);
    check.focus({ preventScroll: true });
  }
}

const HomeControl = L.Control.extend({
  onAdd() {
    const act = (event) => {
      event.preventDefault();
      this.options.act();
    };
    const button = h(
      "button",
      { type: "button", class: "map-home", "aria-label": MAP.home, title: MAP.home, onclick: act },
      controlIcon("home"),
    );
    L.DomEvent.disableClickPropagation(button);
    return h("div", { class: "leaflet-bar" }, button);
  },
});

/** Half the width of the first view, in metres: it includes the margin and the nearest limit, unless that is far. */
function reachOf({ distance_m: distance, location }) {
  const margin = location.type === "street" ? 0 : location.accuracy_m; // of a street, its length, not where it is
  const wanted = Math.max(LEAST_REACH_M, 3 * margin, 1.5 * Math.abs(distance ?? 0));
  return wanted > MOST_REACH_M ? 1000 : wanted;
}
