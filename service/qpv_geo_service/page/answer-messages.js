// French texts of an answer.

import { day, metres, moment, named, number, percent, plural, STATUS_SHORT, tied } from "./messages.js";

const TIED = "\u00a0";

export const STATUS = {
  inside: "En QPV",
  outside: "Hors QPV",
  uncertain: "À vérifier",
  not_located: "Non localisée",
};
const KIND = { qpv: "QPV", municipal_zone: "zone municipale", watch_area: "quartier de veille active" };

export const LABEL = {
  place: "Lieu",
  asked: "Demandé",
  found: "Trouvé",
  compared: "Comparaison",
  date: "Date",
  edge: "Limite",
  sure: "Certitude",
  todo: "Que faire",
  stated: "Ce qu’en dit la commune",
  perimeters: "Quartiers",
  ofCommune: "Quartiers de la commune",
  ofName: "Quartiers liés à ce nom",
  candidates: "Adresses ressemblantes",
  street: "Numéros de la rue",
  side: "Côté",
  inside: "En QPV",
  outside: "Hors QPV",
  uncertain: "À vérifier",
  check: "Vérifier cette adresse",
  frame: "Voir sur la carte",
  copyAnswer: "Copier la réponse",
  fiche: "Fiche (PDF)",
  record: "Réponse complète (JSON)",
  copy: "Copier le lien",
  evidence: "Justificatifs et sources",
  digest: "Empreinte numérique",
  dataset: "Données",
  source: "Source",
  edition: "Édition",
  licence: "Licence",
  sha256: "Empreinte numérique du fichier",
  precision: "Précision",
  decrees: "Décrets",
  inForce: "En vigueur",
  software: "Logiciel",
  checked: "Vérifié le",
};
export const DECREE_NOTE =
  "Périmètres en vigueur depuis le 1er janvier 2024. Le « décret du 13 juillet 2024 » que citent des villes " +
  "n’a changé que des libellés et des communes de rattachement.";
export const SIDE = { odd: "Impair", even: "Pair" };
export const COPY = {
  answer: "Réponse copiée.",
  link: "Lien copié.",
  selected: "Texte sélectionné : Ctrl+C pour le copier.",
};
export const RECENT = { title: "Vérifications récentes", clear: "Effacer la liste" };
export const GENERATIONS = {
  title: "Comparer 2015 et 2024",
  note: "Réponse pour ce même lieu, avec les quartiers de chaque génération.",
  column: "Génération",
  answer: "Réponse",
  where: "Quartier",
  edge: "Limite",
  none: "–",
  working: "Comparaison en cours…",
};

const LOCATION_TYPE = {
  coordinates: "point",
  housenumber: "numéro",
  poi: "établissement",
  street: "rue sans numéro",
  locality: "lieu-dit",
  municipality: "commune seule",
  site: "contour du site",
  perimeter: "quartier (QPV)",
  parcel: "parcelle cadastrale",
};

// ── Where ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** établissement (± 20 m); a street decided by its numbers has no margin. */
export function located(location, { byNumbers = false } = {}) {
  const how = LOCATION_TYPE[location.type] ?? location.type;
  return location.accuracy_m && !byNumbers ? `${how} (${margin(location)})` : how;
}

function margin({ accuracy_m: metresOff }) {
  return `±${TIED}${metres(metresOff)}`;
}

/** latitude 48,8566, longitude 2,3522 */
export function point(lon, lat) {
  const [x, y] = [lon, lat].map((one) => String(Number(Number(one).toFixed(6))).replace(".", ","));
  return `latitude ${y} ; longitude ${x}`;
}

/** What a suggestion is, where its label does not say it: a point as it was read, a commune, a quartier. */
export function suggested({ type, source }, geometry) {
  if (type === "coordinates") return `${source} : ${point(...geometry.coordinates)}`;
  return { municipality: "commune : sa carte et ses quartiers", perimeter: "quartier (QPV)" }[type] ?? null;
}

export function dated(verdict) {
  const future = verdict.on > verdict.evidence.checked_at.slice(0, 10);
  if (!verdict.generation) return day(verdict.on);
  const year = verdict.generation.replace("qpv-", "");
  const forced = verdict.evidence.input.generation;
  const when = forced ? "" : future ? ", d’après les quartiers actuels" : ", en vigueur ce jour-là";
  return `${day(verdict.on)} (génération ${year}${when})`;
}

export function edge(nearest) {
  if (nearest.distance_m === 0) return `sur la limite de ${named(nearest)}`;
  return `à ${metres(nearest.distance_m)}, côté ${nearest.distance_m < 0 ? "intérieur" : "extérieur"} : ${named(nearest)}`;
}

/** A perimeter; the part of a site inside it. */
export function matched(one, isSite) {
  const kind = one.kind === "qpv" ? "" : `, ${KIND[one.kind] ?? one.kind}`;
  const share = isSite && one.share_inside !== null ? `, ${percent(one.share_inside)} du site` : "";
  return `${named(one)}${kind}${share}`;
}

export function stated({ text, source }) {
  return `« ${text} » (source : ${source})`;
}

/** 14 numéros en QPV, 20 hors QPV, 26 à vérifier */
export function numbers(sides) {
  const count = (name) => sides.reduce((sum, side) => sum + side[name].length, 0);
  const told = ["inside", "outside", "uncertain"].map((name) => [count(name), STATUS_SHORT[name]]).filter(([n]) => n);
  return told
    .map(([n, word], k) => (k ? `${number(n)} ${word}` : `${plural(n, "numéro", "numéros")} ${word}`))
    .join(", ");
}

// ── How sure, and what to do ─────────────────────────────────────────────────────────────────────────────────────

export function sureness(verdict) {
  if (verdict.status === "inside" || verdict.status === "outside") return `Réponse ferme. ${firm(verdict)}`.trim();
  return DOUBT[verdict.reason]?.(verdict) ?? "Impossible de trancher.";
}

function firm({ status, reason, location, share_inside: share, street }) {
  const word = STATUS_SHORT[status];
  if (reason === "commune_without_perimeter") return "Aucun quartier ne touche cette commune.";
  if (street) return `Tous les numéros connus de la rue sont ${word}.`;
  if (location.type === "site") return share === null ? "" : `${percent(share)} du site en QPV.`;
  if (!location.accuracy_m) return "";
  return `Même en comptant la marge d’erreur (${margin(location)}), le lieu est ${word}.`;
}

const DOUBT = {
  near_boundary: ({ nearest, location }) => {
    const near = nearest ? `limite à ${metres(nearest.distance_m)}, ` : "";
    return `Impossible de trancher (${near}marge d’erreur ${margin(location)}).`;
  },
  imprecise_location: ({ location }) =>
    location.lon === null
      ? "Seule la commune est connue."
      : `La position n’est connue qu’à ${metres(location.accuracy_m)} près.`,
  weak_match: () => "L’adresse n’a pas été reconnue avec certitude.",
  site_straddles: ({ share_inside: share }) => `Le site est à cheval sur la limite : ${percent(share)} en QPV.`,
  street_straddles: ({ street }) => `La rue est à cheval sur la limite : ${numbers(street)}.`,
  not_covered: () => "Les périmètres installés ne couvrent pas ce secteur : on ne peut pas conclure.",
  no_match: () => "Pas de réponse : ce n’est pas « hors QPV ».",
  missing_addresses: () => "Les adresses de cette commune ne sont pas installées : ce n’est pas « hors QPV ».",
  named_area: () => "Ce nom d’usage n’a pas de limites publiées.",
};
const TODO = {
  near_boundary: "Regardez sur la carte de quel côté se trouve l’entrée, ou déplacez le repère sur le bâtiment.",
  imprecise_location: "Précisez le numéro et la rue, ou placez le repère sur la carte.",
  weak_match: "Corrigez l’adresse, ou choisissez la bonne ci‑dessous.",
  site_straddles: "Décidez d’après la part du site en QPV.",
  street_straddles: "Ajoutez le numéro à l’adresse.",
  not_covered: "Transmettez la commande ci‑dessous à l’administrateur.",
  no_match: "Vérifiez l’orthographe, la commune et le code postal, ou donnez les coordonnées.",
  missing_addresses: "Donnez les coordonnées, ou transmettez la commande ci‑dessous à l’administrateur.",
  named_area: "Indiquez la rue et le numéro.",
};
const OF_COMMUNE = "Précisez le numéro et la rue, ou cliquez sur la carte.";
const NAMESAKES = "Choisissez la bonne commune, ou ajoutez le code postal.";

/** What to do next; null if nothing is left to do. */
export function todo({ status, reason, location, candidates }) {
  if (status === "inside" || status === "outside") return null;
  const ofCommune = location.type === "municipality" && location.lon === null;
  if (ofCommune && reason === "imprecise_location") return OF_COMMUNE;
  if (ofCommune && reason === "weak_match") return NAMESAKES;
  if (reason === "weak_match" && !candidates?.length) return TODO.no_match;
  return TODO[reason] ?? null;
}

// ── Elsewhere than on the page ───────────────────────────────────────────────────────────────────────────────────

/** The title of the tab: the answer, then the place. */
export function title(verdict, place) {
  return `${STATUS[verdict.status]} – ${place}`;
}

/** The answer as sentences for an e-mail. */
export function forEmail(verdict, place, link) {
  const { evidence } = verdict;
  const word = STATUS_SHORT[verdict.status];
  const said = verdict.statements?.map((one) => tied(`À savoir : ${stated(one)}.`)) ?? [];
  const lines = [
    tied(`« ${place} » : ${word}. ${verdict.message}`),
    ...said,
    tied(
      `Vérifié le ${moment(evidence.checked_at)}, empreinte numérique ${evidence.digest.slice(0, 16)}. ${evidence.notice}`,
    ),
    link,
  ];
  return lines.filter(Boolean).join("\n");
}
