// The first rows of a file, and the system of its coordinates.

import { h, tell } from "./dom.js";
import { LIST, SYSTEMS } from "./list-messages.js";

const MOST_DEGREES = 180;
const LAMBERT_93 = "EPSG:2154";

/** The first rows of a file as a table, in a box that scrolls; the columns used for the place are marked. */
export function previewTable({ header, preview, columns }) {
  if (!preview?.length) return null;
  const used = new Set(Object.values(columns ?? {}).flat());
  const mark = (name) => (used.has(name) ? "is-used" : null);
  return h(
    "div",
    { class: "scroll preview", tabindex: "0", role: "group", "aria-label": LIST.first },
    h(
      "table",
      {},
      h("caption", {}, LIST.first),
      h("thead", {}, h("tr", {}, header.map((name) => h("th", { scope: "col", class: mark(name) }, name)))),
      h("tbody", {}, preview.map((row) => h("tr", {}, row.map((cell, k) => h("td", { class: mark(header[k]) }, cell))))),
    ),
  );
}

/** The choice of the system of coordinates; `suggest(lon)` selects Lambert 93 where the numbers of a column are no degrees. */
export function systemField(id, { header, preview }) {
  const options = SYSTEMS.options.map(([value, label]) => h("option", { value }, label));
  const select = h("select", { id, "data-column": "crs" }, options);
  const hint = h("p", { class: "hint", hidden: true });
  const element = h("div", { class: "field" }, h("label", { for: id }, SYSTEMS.label), select, hint);
  const suggest = (name) => {
    const k = header.indexOf(name);
    const numbers = (preview ?? []).map((row) => Number.parseFloat(String(row[k] ?? "").replace(/\s/g, "").replace(",", ".")));
    const known = numbers.filter(Number.isFinite);
    const isFar = known.length > 0 && known.every((one) => Math.abs(one) > MOST_DEGREES);
    select.value = isFar ? LAMBERT_93 : "";
    tell(hint, isFar && SYSTEMS.hint);
  };
  return { element, suggest };
}
