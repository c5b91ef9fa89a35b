// What is under the perimeters: the IGN Plan, asked of data.geopf.fr by the browser; where it is off or out of reach, the
// streets and numbers that this server knows.

import { addresses } from "./api.js";
import { h } from "./dom.js";
import { MAP } from "./map-messages.js";

const { L } = window;
const TILES =
  "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2" +
  "&STYLE=normal&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&FORMAT=image/png";
const MOST_ZOOM = 19; // of the IGN Plan
const PATIENCE_MS = 4000;
const MOST_DEGREES = 0.03; // longest side that the server answers for
const MOST_NUMBERS = 150; // written beside their dots; beyond, dots alone
const SETTLE_MS = 150;
const NAME_PX = [110, 20];

/** Adds the background to a map; `told(text)` is called with what it is. */
export function addBackground(map, told) {
  const streets = new AddressLayer(map, told);
  if (document.documentElement.dataset.tiles !== "ign") return streets.start(MAP.noTiles);
  const tiles = L.tileLayer(TILES, { maxZoom: 20, maxNativeZoom: MOST_ZOOM, attribution: MAP.tiles });
  const timer = setTimeout(() => streets.start(MAP.unreachable), PATIENCE_MS);
  map.on("unload", () => clearTimeout(timer));
  const failed = () => {
    clearTimeout(timer);
    tiles.remove(); // it would ask again at each move
    streets.start(MAP.unreachable);
  };
  tiles.once("tileerror", failed);
  tiles.once("tileload", () => {
    clearTimeout(timer);
    tiles.off("tileerror", failed); // a tile may be missing, the background is there
    streets.stop();
    told(MAP.asked);
  });
  told(MAP.asked);
  tiles.addTo(map);
}

/** The addresses of the server in view: a dot for each number, its text where there are few, and the names of streets. */
class AddressLayer {
  constructor(map, told) {
    this.map = map;
    this.told = told;
    this.layer = L.layerGroup();
    this.renderer = L.canvas({ pane: "tilePane" });
    map.on("unload", this.stop, this);
  }

  start(reason) {
    if (this.reason) return;
    this.reason = reason;
    this.layer.addTo(this.map);
    this.map.on("moveend", this.update, this);
    this.update();
  }

  stop() {
    if (!this.reason) return;
    this.reason = null;
    this.map.off("moveend", this.update, this);
    clearTimeout(this.timer);
    this.request?.abort();
    this.layer.remove();
  }

  update() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch(), SETTLE_MS);
  }

  async fetch() {
    this.request?.abort();
    const controller = (this.request = new AbortController());
    const view = this.map.getBounds();
    this.layer.clearLayers();
    if (Math.max(view.getEast() - view.getWest(), view.getNorth() - view.getSouth()) > MOST_DEGREES) {
      return this.told(`${this.reason} ${MAP.closer}`);
    }
    try {
      const box = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()];
      const found = await addresses(box.map((one) => one.toFixed(6)).join(","), controller.signal);
      if (!this.reason || controller.signal.aborted) return;
      this.told(found.length ? this.reason : `${this.reason} ${MAP.noAddress}`);
      this.draw(found);
    } catch (error) {
      if (error.name !== "AbortError") this.told(this.reason);
    }
  }

  draw(found) {
    const style = { radius: 3, stroke: false, fillOpacity: 0.8, fillColor: colour("--quiet"), interactive: false };
    for (const { geometry, properties } of found) {
      const [lon, lat] = geometry.coordinates;
      this.layer.addLayer(L.circleMarker([lat, lon], { ...style, renderer: this.renderer }));
      if (found.length <= MOST_NUMBERS) this.write([lat, lon], properties.housenumber, "map-number");
    }
    this.nameStreets(found);
  }

  /** Writes each name at the middle number of its street in view, unless it would cover another one. */
  nameStreets(found) {
    const streets = {};
    for (const one of found) (streets[`${one.properties.street} ${one.properties.citycode}`] ??= []).push(one);
    const written = [];
    for (const doors of Object.values(streets).sort((one, other) => other.length - one.length)) {
      const [lon, lat] = doors[Math.floor(doors.length / 2)].geometry.coordinates;
      const at = this.map.latLngToContainerPoint([lat, lon]);
      const isFree = ({ x, y }) => Math.abs(at.x - x) > NAME_PX[0] || Math.abs(at.y - y) > NAME_PX[1];
      if (!written.every(isFree)) continue;
      written.push(at);
      this.write([lat, lon], doors[0].properties.street, "map-street");
    }
  }

  write(at, text, className) {
    const icon = L.divIcon({ className, html: h("span", {}, text), iconSize: [0, 0] });
    this.layer.addLayer(L.marker(at, { icon, interactive: false, keyboard: false, pane: "tooltipPane" }));
  }
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
