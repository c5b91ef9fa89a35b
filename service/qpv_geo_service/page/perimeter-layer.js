// The perimeters in view, with their names; hatched where some may be missing or have not come yet.

import { perimeters } from "./api.js";
import { h, s } from "./dom.js";

const { L } = window;
const SETTLE_MS = 120;
const SLOW_MS = 500;
const MARGIN = 0.5; // fetched around the view, so that small moves need no request
const NAME_PX = 60; // closer to the place, a name would cover it
const LINE_PX = 18;
const HATCH_PX = 9;
const STEPS = [0.02, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 0.98];
const GRID = STEPS.flatMap((x) => STEPS.map((y) => [x, y]));
const WORLD = [
  [-85, -180],
  [-85, 180],
  [85, 180],
  [85, -180],
];

/**
 * Draws the perimeters of a generation on a map; `told(features, gap, problem)` is called with what is in view. Those of
 * another generation (`isOther`) are outlines without names or hatching.
 */
export class PerimeterLayer {
  constructor(map, generation, { place = null, isOther = false, told = () => {} }) {
    this.map = map;
    this.generation = generation;
    this.place = place; // names are kept away from it
    this.isOther = isOther;
    this.told = told;
    this.zones = [];
    this.known = []; // areas as rings where no perimeter is missing; outside any of them is hatched
    this.loaded = null;
    this.problem = null;
    this.gaps = L.layerGroup().addTo(map);
    this.drawn = L.layerGroup().addTo(map);
    this.names = L.layerGroup().addTo(map);
    map.on("moveend", this.update, this);
    map.on("unload", this.stop, this);
    this.update();
  }

  /** The bounds of a perimeter that has been drawn, or undefined. */
  boundsOf(code) {
    return this.zones.find((one) => one.feature.properties.code_qp === code)?.layer.getBounds();
  }

  /** Once the map has moved and Leaflet has drawn it again, which it does after. */
  update() {
    this.wait();
    if (this.loaded?.contains(this.map.getBounds())) this.frame = requestAnimationFrame(() => this.tell());
    else this.timer = setTimeout(() => this.fetch(), this.loaded ? SETTLE_MS : 0);
  }

  stop() {
    this.map.off("moveend", this.update, this); // Leaflet may fire it once more, 200 ms after the window was resized
    this.wait();
    this.request?.abort();
    this.tell = () => {};
  }

  wait() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
  }

  async fetch() {
    this.request?.abort();
    const controller = (this.request = new AbortController());
    const wanted = this.map.getBounds().pad(MARGIN);
    const slow = setTimeout(() => this.hatchUnfetched(), SLOW_MS);
    try {
      const box = [wanted.getWest(), wanted.getSouth(), wanted.getEast(), wanted.getNorth()];
      const found = await perimeters(
        { bbox: box.map((one) => one.toFixed(6)).join(",") },
        this.generation,
        controller.signal,
      );
      const partial = found.numberReturned < found.numberMatched;
      this.loaded = wanted;
      this.problem = partial ? "partial" : null;
      this.hatchOutside(partial ? [] : completeWithin(found.coverage));
      this.draw(found.features);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.problem = "failed";
      this.hatchUnfetched();
    } finally {
      clearTimeout(slow);
    }
  }

  hatchUnfetched() {
    const held = this.loaded;
    this.hatchOutside(...this.known.slice(0, 1), held ? [ringOf(held)] : []);
    this.tell();
  }

  /** Hatches, for each area given by its rings, everything outside it; an area without rings is nowhere. */
  hatchOutside(...known) {
    this.known = known;
    if (this.isOther) return;
    const hatched = known.filter((rings) => rings !== EVERYWHERE);
    const options = {
      className: "map-gap",
      stroke: false,
      fillColor: "url(#map-hatch)",
      fillOpacity: 1,
      interactive: false,
    };
    this.gaps.clearLayers();
    hatched.forEach((rings) => this.gaps.addLayer(L.polygon([WORLD, ...rings], options)));
    this.gaps.eachLayer((one) => one.bringToBack());
  }

  draw(features) {
    this.drawn.clearLayers();
    this.zones = features.map((feature) => {
      const className = `map-zone map-zone-${this.isOther ? "other" : feature.properties.kind}`;
      const layer = L.geoJSON(feature, { style: { className, smoothFactor: 0.5 }, interactive: false });
      this.drawn.addLayer(layer);
      return { feature, layer };
    });
    this.tell();
  }

  /** Names the perimeters in view, and says which they are and how much is hatched. */
  tell() {
    if (this.isOther) return;
    const size = this.map.getSize();
    const grid = GRID.map(([x, y]) => L.point(x * size.x, y * size.y));
    const view = this.map.getBounds();
    const near = this.zones.filter(({ layer }) => view.intersects(layer.getBounds()));
    const seen = near.map((zone) => ({ ...zone, held: this.filled(zone.layer, grid) }));
    const inView = seen.filter(
      ({ held, feature }) => held.length || verticesOf(feature).some((at) => view.contains(at)),
    );
    this.placeNames(inView, size);
    const gaps = this.gaps.getLayers();
    const hatched = grid.filter((at) => gaps.some((one) => fillsPath(this.map, one, at))).length;
    const gap = hatched === 0 ? "none" : hatched === grid.length ? "all" : "part";
    this.told(
      inView.map(({ feature }) => feature),
      gap,
      this.problem,
    );
  }

  /** The points of the frame that a zone covers. */
  filled(zone, points) {
    const bounds = zone.getBounds();
    const low = this.map.latLngToContainerPoint(bounds.getNorthWest());
    const box = L.bounds(low, this.map.latLngToContainerPoint(bounds.getSouthEast()));
    const within = points.filter((at) => box.contains(at));
    return within.filter((at) => zone.getLayers().some((one) => fillsPath(this.map, one, at)));
  }

  /** Writes each name in the middle of the visible part of its zone, unless it would cover another name or the place. */
  placeNames(zones, size) {
    this.names.clearLayers();
    const middle = this.place && this.map.latLngToContainerPoint(this.place);
    const written = [];
    const clear = (at) => !middle || at.distanceTo(middle) > NAME_PX;
    const free = (at) =>
      written.every((one) => Math.abs(at.x - one.x) > 2 * NAME_PX || Math.abs(at.y - one.y) > LINE_PX);
    for (const { feature, layer, held } of zones) {
      const centre = this.map.latLngToContainerPoint(layer.getBounds().getCenter());
      const isIn = centre.x > 0 && centre.y > 0 && centre.x < size.x && centre.y < size.y;
      const at = middleOf(held.filter(clear)) ?? (isIn && clear(centre) ? centre : null);
      if (!at || !free(at)) continue;
      written.push(at);
      const text = h("span", {}, feature.properties.lib_qp);
      const icon = L.divIcon({ className: "map-name", html: text, iconSize: [0, 0] });
      this.names.addLayer(L.marker(this.map.containerPointToLatLng(at), { icon, interactive: false, keyboard: false }));
    }
  }
}

/** The slanted lines of hatched areas, at the same spacing at any zoom: to be put once in the page. */
export function hatchPattern() {
  const side = HATCH_PX;
  const lines = `M-1 1 1-1M0 ${side} ${side} 0M${side - 1} ${side + 1} ${side + 1} ${side - 1}`;
  const attributes = { id: "map-hatch", width: side, height: side, patternUnits: "userSpaceOnUse" };
  const pattern = s("pattern", attributes, s("path", { class: "map-hatch", d: lines }));
  return s("svg", { class: "map-patterns", "aria-hidden": "true", focusable: "false" }, s("defs", {}, pattern));
}

const EVERYWHERE = null;

/** The rings of a coverage in the format of the server. */
function completeWithin(coverage) {
  if (coverage === "all") return EVERYWHERE;
  return polygonsOf(coverage)
    .flat()
    .map((ring) => ring.map(([lon, lat]) => [lat, lon]));
}

function polygonsOf(geometry) {
  if (geometry?.type === "Polygon") return [geometry.coordinates];
  if (geometry?.type === "GeometryCollection") return geometry.geometries.flatMap(polygonsOf);
  return geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
}

function verticesOf({ geometry }) {
  return polygonsOf(geometry)
    .flat(2)
    .map(([lon, lat]) => [lat, lon]);
}

function ringOf(bounds) {
  return [bounds.getSouthWest(), bounds.getNorthWest(), bounds.getNorthEast(), bounds.getSouthEast()];
}

/** Whether the drawing of a layer covers a point of the frame. */
function fillsPath(map, layer, at) {
  const { x, y } = map.containerPointToLayerPoint(at);
  return Boolean(layer.getElement?.()?.isPointInFill(new DOMPoint(x, y)));
}

/** The point nearest to the mean of the points, or null if there are none. */
function middleOf(points) {
  const mean = (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const centre = L.point(mean("x"), mean("y"));
  return points.sort((one, other) => one.distanceTo(centre) - other.distanceTo(centre))[0] ?? null;
}
