// French texts of the map, and the map in words: which perimeters it shows, and where some may be missing.

import { edge, point } from "./answer-messages.js";
import { named, plural } from "./messages.js";

const MOST_NAMES = 5;

export const MAP = {
  in: "Zoomer",
  out: "Dézoomer",
  home: "Recentrer",
  keys: "Flèches pour déplacer la carte, + et − pour zoomer, 0 pour recentrer.",
  failed: "Les périmètres n’ont pas pu être dessinés. La réponse n’en dépend pas.",
  partial: "Tous les périmètres de cette zone ne sont pas dessinés. Zoomez.",
  point: "le lieu",
  site: "le site",
  likest: "l’adresse la plus ressemblante",
  disc: "marge d’erreur",
  perimeter: "quartier (QPV)",
  earlier: (generation) => `quartier ${generation.replace("qpv-", "")}`,
  checkPoint: "Vérifier ce point",
  checkCentre: "Vérifier le centre de la carte",
  pin: "Faites glisser le repère, ou cliquez sur la carte, pour vérifier un autre point.",
  click: "Cliquez sur la carte pour vérifier un point.",
  asked: "Fond de plan : la zone affichée est demandée à l’IGN (data.geopf.fr).",
  unreachable:
    "Le fond de plan de l’IGN n’est pas joignable. Les rues et numéros connus de ce serveur sont affichés à la place.",
  noTiles: "Sans fond de plan : les rues et numéros connus de ce serveur sont affichés.",
  noAddress: "Ce serveur ne connaît aucune adresse ici.",
  closer: "Zoomez pour voir les rues.",
  tiles: "Fond : Plan IGN",
};
export const DRAWING = {
  start: "Dessiner un site",
  how: "Cliquez sur la carte pour poser chaque sommet du contour.",
  count: (points) => plural(points, "sommet posé", "sommets posés"),
  centre: "Poser un sommet au centre",
  undo: "Retirer le dernier",
  finish: "Vérifier ce site",
  cancel: "Annuler",
};

/** The legend entry for hatched areas. */
export const GAP = "données incomplètes ici";
const NOT_OUTSIDE = "des quartiers peuvent y manquer, et un vide n’y veut pas dire « hors QPV ».";
const HATCHED = {
  part: `Une partie de la carte est hachurée : ${NOT_OUTSIDE}`,
  all: `Toute la carte est hachurée : ${NOT_OUTSIDE}`,
};

export function mapLabel({ location, nearest }) {
  const place = location.label ?? (location.lon === null ? location.asked : point(location.lon, location.lat));
  const near = nearest ? ` Limite : ${edge(nearest)}.` : "";
  return `Carte autour de : ${place}.${near} ${MAP.keys}`;
}

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
    ? `${shownCount(names.length)} : ${names.slice(0, MOST_NAMES).join(", ")}${more}.`
    : "Aucun périmètre connu sur la carte.";
  return [known, HATCHED[gap]].filter(Boolean).join(" ");
}
