// The visible part of the map in words: the names of its perimeters, and whether some may be missing. It gives keyboard
// and screen reader users the content of the drawing.

import { h, s, tell } from "./dom.js";
import { GAP, MAP, nameOf, seen, shownCount } from "./map-messages.js";

/** The list of visible perimeters, the legend, and the sentence that describes the map, announced when it changes. */
export class MapSummary {
  /** `entries` are the pairs of shape and text of the legend that are always there. */
  constructor(entries) {
    this.sentence = h("p", { class: "visually-hidden", role: "status", id: "map-seen" });
    this.count = h("summary");
    this.names = h("ul", { class: "plain" });
    this.list = h("details", { class: "map-list", hidden: true }, this.count, this.names);
    this.gap = h("li", { hidden: true }, gapKey(), GAP);
    this.legend = h("ul", { class: "legend" }, entries.map(entry), entry(["zone", MAP.perimeter]), this.gap);
    this.caption = h("figcaption", {}, this.legend);
  }

  /** Adds a line to the legend. */
  add(shape, text) {
    this.gap.before(entry([shape, text]));
  }

  /** Describes these perimeters (GeoJSON features) and how much is hatched: none, part or all. */
  tell(features, gap) {
    const names = features.map(({ properties }) => nameOf(properties));
    const sentence = seen(names, gap);
    if (sentence === this.sentence.textContent) return; // do not announce the same sentence twice
    this.sentence.textContent = sentence;
    this.gap.hidden = gap === "none";
    this.list.hidden = !names.length;
    tell(this.count, shownCount(names.length));
    this.names.replaceChildren(...names.map((name) => h("li", {}, name)));
  }
}

function entry([shape, text]) {
  return h("li", {}, h("span", { class: `key key-${shape}`, "aria-hidden": "true" }), text);
}

/** Drawn as SVG, since backgrounds are neither printed nor kept with forced colours. */
function gapKey() {
  return s(
    "svg",
    { class: "key key-gap", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    s("path", { class: "map-hatch", d: "M0 8 8 0M0 16 16 0M8 16l8-8" }),
  );
}
