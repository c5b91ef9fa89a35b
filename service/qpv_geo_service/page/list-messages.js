// French texts of a list: its first rows, the rows to verify, its map and its files.

import { COLUMNS, plural } from "./messages.js";

const MOST_NUMBERS = 6;

export const LIST = {
  first: "Premières lignes du fichier",
  csv: "En CSV",
  xlsx: "En Excel (XLSX)",
  toVerify: "Lignes à vérifier",
  row: (number) => `Ligne ${number}`,
  rows: (numbers, count) => {
    const shown = numbers.slice(0, MOST_NUMBERS).join(", ");
    const others = count - Math.min(numbers.length, MOST_NUMBERS);
    return `${count > 1 ? "Lignes" : "Ligne"} ${shown}${others > 0 ? ` et ${plural(others, "autre", "autres")}` : ""}`;
  },
  check: "Vérifier",
  inNewTab: "(nouvel onglet)",
  choices: "Choisir une adresse",
  looking: "Recherche des adresses ressemblantes…",
  none: "Aucune adresse ressemblante. Corrigez l’adresse dans le fichier, ou vérifiez-la seule.",
  keep: "Garder l’adresse du fichier",
  scope: "Lignes à corriger",
  allRows: (count) => `Les ${count} lignes qui demandent la même adresse`,
  onlyFirst: (number) => `La ligne ${number} seulement`,
  apply: (count) => (count > 1 ? `Appliquer les ${count} choix` : "Appliquer ce choix"),
  withoutAny: "Vérifier sans correction",
  noneChosen: "Aucune adresse choisie.",
  applied: "La liste est vérifiée avec ces adresses.",
  chosen: (count) =>
    count ? `${plural(count, "ligne à corriger", "lignes à corriger")}. La liste sera vérifiée à nouveau.` : "La liste sera vérifiée à nouveau, sans correction.",
  chosenTitle: "Adresses choisies",
  takeBack: "Annuler",
  again: "Choisissez à nouveau le fichier ci-dessus, ce serveur ne le garde pas. Puis appliquez vos choix.",
  more: (count) => `Afficher ${plural(count, "ligne de plus", "lignes de plus")}`,
  left: (count) => `et ${count} autres, dans le fichier complété.`,
  map: "Carte des lignes localisées",
  mapLabel: (count) => `Carte : ${plural(count, "ligne localisée", "lignes localisées")}`,
  cut: (count) => `La carte montre les ${count} premières lignes localisées.`,
};
export const SYSTEMS = {
  label: COLUMNS.crs,
  hint: "Ces nombres ne sont pas des degrés : Lambert 93 est proposé.",
  options: [
    ["", "Longitude et latitude, en degrés (WGS84)"],
    ["EPSG:2154", "Lambert 93 (EPSG:2154)"],
    ["EPSG:3857", "Web Mercator (EPSG:3857)"],
    ["EPSG:3946", "Lambert conique conforme, zone 46"],
    ["EPSG:3950", "Lambert conique conforme, zone 50 (Lille)"],
    ["EPSG:2975", "La Réunion (EPSG:2975)"],
    ["EPSG:5490", "Antilles (EPSG:5490)"],
    ["EPSG:2972", "Guyane (EPSG:2972)"],
  ],
};
