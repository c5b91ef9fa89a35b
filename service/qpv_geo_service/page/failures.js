// Error messages for readers: turns a status and a problem document (RFC 9457) into a sentence and what to do.

import { FIELD, WITHOUT_FIELD } from "./messages.js";

const FIELD_NAME = /«\s(\w+)(?:=[^»]*)?\s»/g; // « lon_column », « crs=EPSG:2154 »

export const UNREACHABLE = "Le serveur ne répond pas. Vérifiez la connexion au réseau, puis réessayez.";
export const WRONG_KEY = "Cette clé d’accès n’est pas reconnue. Vérifiez-la, ou redemandez-la à votre administrateur.";

const OPENINGS = {
  401: "Ce service demande une clé d’accès. Votre administrateur vous la donne.",
  404: "Introuvable sur ce serveur.",
  408: "L’envoi a pris trop de temps. Réessayez.",
  413: "Ce fichier est trop grand pour ce service.",
  415: "Ce type de fichier n’est pas accepté : enregistrez-le en CSV ou en XLSX.",
  500: "Le serveur a rencontré une erreur. Réessayez ; si cela dure, prévenez l’administrateur.",
  502: UNREACHABLE,
  504: "Le serveur met trop de temps à répondre. Réessayez.",
};
const OF_KIND = {
  "missing-perimeters":
    "Les quartiers en vigueur à cette date ne sont pas installés sur ce serveur. Il ne peut pas répondre.",
  "missing-data": "Il manque des données à ce serveur pour répondre.",
  "altered-data": "Les données de ce serveur ont été altérées : il ne peut pas répondre. Prévenez l’administrateur.",
  "remote-failed":
    "Adresse absente de ce serveur, et le service national ne répond pas. Réessayez plus tard, choisissez une suggestion ou donnez les coordonnées.",
  "remote-stalled":
    "Adresse absente de ce serveur, et le service national met trop de temps à répondre. Réessayez, choisissez une suggestion ou donnez les coordonnées.",
  busy: "Le serveur est très occupé.",
};
const WHOLE = new Set([401, 404, 408, 415, 500, 502, 504]); // statuses whose server detail adds nothing for the reader

/** The message of an error, and the command for the administrator, if any. */
export function explain(response, problem) {
  const { status } = response;
  if (status === 429) return { message: `Trop de demandes à la suite : réessayez ${wait(response)}.` };
  const kind = String(problem.type ?? "")
    .split(":")
    .pop();
  if (kind === "busy") return { message: `${OF_KIND.busy} Réessayez ${wait(response)}.` };
  const detail = sentence(byLabels(problem.detail));
  const command = status === 503 ? (problem.remedy ?? null) : null;
  const opening = OF_KIND[kind] ?? OPENINGS[status] ?? "";
  const told = command || (opening && WHOLE.has(status)) ? opening : [opening, detail].filter(Boolean).join(" ");
  return { message: told || detail || `Le serveur a refusé la demande (${status}).`, command };
}

/** A text of the server with labels of this page for field names, or a remedy if the page has no such field. */
export function byLabels(text) {
  if (!text) return text;
  const parts = text.split(/\s; /).map((part) => {
    const [name] = [...part.matchAll(FIELD_NAME)].map((found) => found[1]).filter((one) => WITHOUT_FIELD[one]);
    return name
      ? WITHOUT_FIELD[name]
      : part.replace(FIELD_NAME, (said, one) => (FIELD[one] ? `« ${FIELD[one]} »` : said));
  });
  return parts.join("\u00a0; ");
}

function wait(response) {
  const seconds = Number(response.headers.get("Retry-After"));
  return seconds > 0 ? `dans ${seconds} seconde${seconds > 1 ? "s" : ""}` : "dans une minute";
}

/** A text of the server with a capital letter and a full stop. */
export function sentence(text) {
  if (!text) return "";
  const capital = /^\p{Ll}+[\s'’]/u.test(text) ? text[0].toUpperCase() + text.slice(1) : text; // leaves file names alone
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
