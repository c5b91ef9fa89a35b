// Icons: each answer has its own shape (disc, square, triangle, pin, ring), so that colour is not needed.

import { s } from "./dom.js";

const OUTLINES = {
  inside: "M16 2a14 14 0 1 0 0 28 14 14 0 0 0 0-28z",
  outside: "M5 3h22a2 2 0 0 1 2 2v22a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z",
  place_ok: "M16 2a14 14 0 1 0 0 28 14 14 0 0 0 0-28zm0 3.4a10.6 10.6 0 1 1 0 21.2 10.6 10.6 0 0 1 0-21.2z",
  uncertain: "M16 2.5 30.5 28a1 1 0 0 1-.9 1.5H2.4A1 1 0 0 1 1.5 28z",
  pin: "M16 31.5S4 20 4 12.5a12 12 0 0 1 24 0C28 20 16 31.5 16 31.5z",
  not_located: "M16 31.5S4 20 4 12.5a12 12 0 0 1 24 0C28 20 16 31.5 16 31.5z",
};
const SIGNS = {
  pin: "M16 12.4h.01",
  inside: "m9.5 16.5 4.5 4.5 8.5-9.5",
  outside: "M10.5 10.5l11 11m0-11-11 11",
  place_ok: "M10.6 16h.01M16 16h.01M21.4 16h.01",
  uncertain: "M16 12v8m0 4.2v.3",
  not_located: "M12.5 10a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1-1.5 1.9m0 4v.2",
};
const LOOKS_LIKE = { eligible: "inside", not_eligible: "outside", to_review: "uncertain", error: "not_located" };

/** The icon of an answer, a row or the decision of a scheme; always shown with text. */
export function icon(status) {
  const shape = LOOKS_LIKE[status] ?? status;
  return s(
    "svg",
    { class: `icon icon-${shape}`, viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" },
    s("path", { class: "icon-outline", d: OUTLINES[shape] }),
    s("path", { class: "icon-sign", d: SIGNS[shape] }),
  );
}

const CONTROLS = { home: "M16 3v7m0 12v7M3 16h7m12 0h7M16 14.5v3m-1.5-1.5h3" };

/** The icon of a map button. */
export function controlIcon(name) {
  return s(
    "svg",
    { class: "control-icon", viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" },
    s("path", { d: CONTROLS[name] }),
  );
}
