// The map in words: which perimeters it shows, and where some may be missing.

import { named, plural } from "./messages.js";

const MOST_NAMES = 5;

/** The legend entry for hatched areas. */
export const GAP = "ici, des quartiers peuvent manquer";
const NOT_OUTSIDE = "des quartiers peuvent y manquer, et un vide n'y veut pas dire « hors quartier prioritaire ».";
const HATCHED = {
  part: `Une partie de la carte est hachurée : ${NOT_OUTSIDE}`,
  all: `Toute la carte est hachurée : ${NOT_OUTSIDE}`,
};

export function nameOf({ code_qp: code, lib_qp: name }) {
  return named({ code, name });
}

export function shownCount(count) {
  return plural(count, "périmètre sur la carte", "périmètres sur la carte");
}

/** What the map shows, for screen readers; `gap` says how much of it is hatched: none, part or all. */
export function seen(names, gap) {
  const more = names.length > MOST_NAMES ? `, et ${plural(names.length - MOST_NAMES, "autre", "autres")}` : "";
  const known = names.length
    ? `${shownCount(names.length)} : ${names.slice(0, MOST_NAMES).join(", ")}${more}.`
    : "Aucun périmètre connu sur la carte.";
  return [known, HATCHED[gap]].filter(Boolean).join(" ");
}
