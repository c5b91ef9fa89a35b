// French texts of the scripts, and the format of numbers and dates.

const NARROW = "\u202f";
const TIED = "\u00a0";

export const STATUS_SHORT = {
  inside: "en QPV",
  outside: "hors QPV",
  uncertain: "à vérifier",
  not_located: "non localisée",
  error: "ligne à corriger",
};
export const WORKING = "Vérification en cours…";
export const NO_SUGGESTIONS = "Suggestions indisponibles. L’adresse peut quand même être vérifiée.";
export const NOTICE = "Résultat indicatif, ne vaut pas attestation réglementaire.";
export const PLACE_NEEDED = "Tapez une adresse (au moins 3 caractères) ou des coordonnées.";
export const DATE_NEEDED = "Date incomplète. Choisissez le jour, le mois et l’année.";
export const DATE_TOO_OLD = "Choisissez une date à partir du 1er janvier 2015.";
export const FOR_ADMINISTRATOR = "À transmettre à l’administrateur :";
export const KEY = "Clé d’accès";
export const KEEP_KEY = "Continuer";
export const GIVE_KEY = "Donner la clé d’accès";

// ── Numbers and dates ────────────────────────────────────────────────────────────────────────────────────────────

/** 1 234,5 */
export function number(value, decimals = 0) {
  const [whole, part] = value.toFixed(decimals).split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, NARROW);
  return part ? `${spaced},${part}` : spaced;
}

/** 3,4 m, 15 m, 1,2 km: the format of the server's sentences. */
export function metres(value) {
  const far = Math.abs(value);
  if (far < 0.05) return `moins de 0,1${TIED}m`;
  if (far < 9.95) return `${number(far, 1)}${TIED}m`;
  if (far < 999.5) return `${number(far)}${TIED}m`;
  return `${number(far / 1000, far < 9950 ? 1 : 0)}${TIED}km`;
}

/** 43 %, never rounded up to 100 % or down to 0 %. */
export function percent(share) {
  if (share > 0 && share < 0.0005) return `moins de 0,1${TIED}%`;
  if (share < 1 && share > 0.9995) return `plus de 99,9${TIED}%`;
  const atAnEnd = (share > 0 && share < 0.01) || (share < 1 && share > 0.99);
  return `${number(share * 100, atAnEnd ? 1 : 0)}${TIED}%`;
}

/** 1er juin 2024, from an ISO date. */
export function day(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  const name = new Intl.DateTimeFormat("fr-FR", { month: "long" }).format(new Date(year, month - 1, 1));
  return `${date === 1 ? "1er" : date} ${name} ${year}`;
}

/** 1er juin 2024 à 14:05, local time, from an ISO date and time. */
export function moment(iso) {
  const here = new Date(iso);
  const date = [here.getFullYear(), here.getMonth() + 1, here.getDate()].join("-");
  return `${day(date)} à ${here.toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" })}`;
}

/** Les Oliveaux (QN05975M) */
export function named(one) {
  return one.name && one.name !== one.code ? `${one.name} (${one.code})` : one.code;
}

export function plural(count, one, several) {
  return `${number(count)} ${count > 1 ? several : one}`;
}

/** A sentence of the server with no line break between a number and its unit, or before French double punctuation. */
export function tied(text) {
  return text.replace(/(\d) (?=m\b|km\b|ha\b|m²|%|€)/g, `$1${TIED}`).replace(/ (?=[»:;?!])|(?<=«) |(?<=n°) /g, TIED);
}

// ── An answer ────────────────────────────────────────────────────────────────────────────────────────────────────

export function suggestionCount(count) {
  if (!count) return "Aucune suggestion.";
  return `${plural(count, "suggestion", "suggestions")}. Flèches haut et bas pour choisir, Entrée pour vérifier.`;
}

export const SITE = {
  loaded: (name) => `Site : ${name}`,
  drawn: "contour dessiné sur la carte",
  tooLarge: "Ce fichier dépasse 1 Mo. Ne gardez que le contour du site.",
  notGeojson: "Ce fichier n’est pas du GeoJSON. Exportez le contour en GeoJSON, en longitude et latitude (WGS84).",
};

// ── A list ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const BATCH = {
  needed: "Choisissez d’abord un fichier CSV ou XLSX.",
  kind: "Ce fichier n’est ni un CSV ni un XLSX. Enregistrez le fichier en .xlsx, puis recommencez.",
  reading: "Lecture du fichier…",
  running: "Vérification de la liste",
  progress: "Avancement",
  columns: "Colonnes utilisées :",
  download: "Télécharger le fichier complété",
  quartiers: "Par quartier",
  quartier: "Quartier",
  inside: "En QPV",
  uncertain: "À vérifier",
  resume: "Reprendre",
  offline: "Terminer sans le service national",
  once: "Reprenez une fois l’installation faite.",
  onceOr: "Reprenez une fois l’installation faite, ou quand le service national répond de nouveau.",
  ways: "Reprenez dans quelques minutes : la vérification continue où elle s’est arrêtée. Vous pouvez aussi terminer sans le service national. Les adresses absentes de ce serveur restent alors à vérifier ou sans réponse, jamais « hors QPV ».",
};
export const COLUMNS = {
  question: "Quelles colonnes donnent le lieu ?",
  guess: "Les colonnes reconnues",
  address: "Une adresse",
  coordinates: "Une longitude et une latitude",
  unknown: "Aucune colonne n’a été reconnue. Indiquez celles qui donnent le lieu.",
  addressParts: "Colonnes qui composent l’adresse",
  citycode: "Code INSEE de la commune",
  lon: "Longitude",
  lat: "Latitude",
  date: "Date propre à chaque ligne",
  crs: "Système de coordonnées",
  amount: "Montant demandé (dispositifs)",
  replace: "Remplacer les réponses que le fichier contient déjà",
  optional: "(facultatif)",
  none: "–",
  addressNeeded: "Cochez au moins une colonne de l’adresse.",
  coordinatesNeeded: "Choisissez la colonne des longitudes et celle des latitudes.",
};
/** The labels of fields that the server may name. */
export const FIELD = {
  address_column: COLUMNS.addressParts,
  lon_column: COLUMNS.lon,
  lat_column: COLUMNS.lat,
  date_column: COLUMNS.date,
  amount_column: COLUMNS.amount,
  citycode_column: COLUMNS.citycode,
  replace_columns: COLUMNS.replace,
  crs: COLUMNS.crs,
};
/** What to do instead if the server names a field that this page does not have. */
export const WITHOUT_FIELD = {
  encoding: "corrigez-les, puis enregistrez le fichier au format « CSV UTF-8 »",
  header_row: "supprimez les lignes au-dessus, puis renvoyez le fichier",
};
const ROW_REASON = {
  near_boundary: "la limite passe trop près",
  imprecise_location: "position trop imprécise",
  weak_match: "adresse reconnue sans certitude",
  site_straddles: "site à cheval sur la limite",
  street_straddles: "rue à cheval sur la limite",
  not_covered: "secteur non couvert par les périmètres installés",
  no_match: "adresse introuvable",
  missing_addresses: "adresses de la commune non installées",
  named_area: "nom d’usage, sans limites publiées",
  commune_without_perimeter: "commune sans quartier",
  empty: "aucun lieu indiqué",
  bad_input: "valeur illisible",
  missing_perimeters: "périmètres de cette date non installés",
  no_generation: "date sans quartier prioritaire",
};
const STATE = { sending: "Envoi du fichier…", queued: "En attente…" };

export function jobProgress({ state, rows, share }) {
  if (STATE[state]) return STATE[state];
  if (!share) return "Recherche des adresses et des périmètres…";
  const part = `${Math.floor(100 * (share ?? 0))}${TIED}%`;
  return rows ? `${part}, ${plural(rows, "ligne vérifiée", "lignes vérifiées")}` : part;
}

export function jobFailed(cause) {
  return `La liste n’a pas pu être vérifiée : ${cause}`;
}

/** For a list that the geocoder stopped. */
export function jobStopped(job) {
  return `La liste n’est pas finie : des adresses sont absentes de ce serveur, et le service national ne répond pas.${kept(job)}`;
}

/** For a list that needs something the administrator can install. */
export function jobWants(job, cause) {
  return `${jobFailed(cause)}.${kept(job)}`;
}

function kept(job) {
  return job.expires_at ? ` La liste est disponible sur ce serveur jusqu’au ${moment(job.expires_at)}.` : "";
}

/** The columns used for a list; if it has both, the address serves the rows without coordinates. */
export function columnsUsed({ address, lon, lat, citycode, date }) {
  const quoted = (name) => `«${TIED}${name}${TIED}»`;
  const parts = [
    lon && `longitude et latitude : ${quoted(lon)}, ${quoted(lat)}`,
    address && `adresse : ${address.map(quoted).join(" + ")}`,
    citycode && `code INSEE : ${quoted(citycode)}`,
    date && `date : ${quoted(date)}`,
  ];
  return `${parts.filter(Boolean).join(" ; ")}.`;
}

export function done(rows) {
  return rows > 1 ? `${number(rows)} lignes vérifiées` : `${number(rows)} ligne vérifiée`;
}

export function keptUntil(iso) {
  return `disponible jusqu’au ${moment(iso)}`;
}

export function counted(count, share) {
  return `${number(count)} (${percent(share)})`;
}

export function ofReason({ reason, count }) {
  return `${ROW_REASON[reason] ?? reason} : ${number(count)}`;
}

export function andOthers(count) {
  return `et ${number(count)} autres, dans le fichier complété.`;
}
