// French texts of the scripts, and the format of numbers and dates.

const NARROW = "\u202f";
const TIED = "\u00a0";

export const STATUS = {
  inside: "En quartier prioritaire",
  outside: "Hors quartier prioritaire",
  uncertain: "À vérifier",
  not_located: "Adresse non localisée",
};
export const STATUS_SHORT = {
  inside: "en QPV",
  outside: "hors QPV",
  uncertain: "à vérifier",
  not_located: "non localisée",
  error: "ligne à corriger",
};
export const KIND = { qpv: "QPV", municipal_zone: "zone municipale", watch_area: "quartier de veille active" };

/** Why, and what to do, by reason. */
export const REASON = {
  clear: ["Le lieu est tout entier du même côté de la limite.", null],
  near_boundary: [
    "La limite du quartier passe trop près du point pour trancher.",
    "Regardez sur la carte de quel côté se trouve l'entrée, ou demandez l'emplacement exact (plan de la parcelle).",
  ],
  imprecise_location: [
    "La position n'est connue que de loin, et la limite traverse cette étendue.",
    "Précisez l'adresse (numéro, voie) ou donnez la longitude et la latitude.",
  ],
  weak_match: [
    "L'adresse n'a pas été reconnue avec certitude.",
    "Corrigez-la, ou choisissez le bon lieu parmi ceux qui sont proposés.",
  ],
  site_straddles: ["Le site est en partie dedans, en partie dehors.", "La part de chaque côté est à apprécier."],
  street_straddles: ["La limite partage cette rue : la réponse dépend du numéro.", "Ajoutez le numéro dans l'adresse."],
  not_covered: [
    "Les périmètres de ce serveur ne couvrent pas cet endroit : personne ne peut dire « hors QPV ».",
    "Demandez à l'administrateur d'installer les périmètres de toute la France.",
  ],
  no_match: [
    "L'adresse est introuvable. Ce n'est pas une réponse « hors QPV ».",
    "Vérifiez l'orthographe, la commune et le code postal, ou donnez la longitude et la latitude.",
  ],
  missing_addresses: [
    "Les adresses de cette commune ne sont pas installées sur ce serveur. Ce n’est pas une réponse « hors QPV ».",
    "Donnez la longitude et la latitude, ou transmettez la commande ci-dessous.",
  ],
  commune_without_perimeter: ["Aucun quartier prioritaire ne touche cette commune.", null],
  named_area: ["C’est un nom d’usage : ses limites ne sont pas publiées.", "Indiquez la rue et le numéro."],
};
const COMMUNE_ALONE = ["Seule la commune est connue.", "Précisez la rue et le numéro."];
const NAMESAKES = ["Plusieurs communes portent ce nom.", "Choisissez la bonne, ou ajoutez le code postal."];

/** Why a verdict was given, and what to do. */
export function reason({ reason: why, location }) {
  const ofCommune = location.type === "municipality" && location.lon === null;
  if (ofCommune && why === "imprecise_location") return COMMUNE_ALONE;
  if (ofCommune && why === "weak_match") return NAMESAKES;
  return REASON[why] ?? [why, null];
}

export const LOCATION_TYPE = {
  coordinates: "coordonnées données",
  housenumber: "numéro trouvé",
  poi: "établissement",
  street: "rue sans numéro",
  locality: "lieu-dit",
  municipality: "commune seule",
  site: "site",
  perimeter: "quartier (QPV)",
  parcel: "parcelle cadastrale",
};

export const WORKING = "Vérification en cours…";
export const NO_SUGGESTIONS = "Suggestions indisponibles ; l'adresse peut quand même être vérifiée.";
export const NOTICE = "Résultat indicatif, ne vaut pas attestation réglementaire.";
export const PLACE_NEEDED = "Tapez une adresse (au moins 3 caractères), ou une longitude et une latitude.";
export const DATE_NEEDED = "Date incomplète ; choisissez le jour, le mois et l'année.";
export const DATE_TOO_OLD = "Choisissez une date à partir du 1er janvier 2015.";
export const LINK_COPIED = "Lien copié.";
export const LINK_SELECTED = "Lien sélectionné : Ctrl+C pour le copier.";
export const FOR_ADMINISTRATOR = "À transmettre à l’administrateur :";
export const KEY = "Clé d'accès";
export const KEEP_KEY = "Continuer";

export const LABEL = {
  place: "Lieu",
  asked: "Demandé",
  found: "Trouvé",
  compared: "Comparaison",
  date: "Date",
  edge: "Limite",
  sure: "Certitude",
  why: "Pourquoi",
  todo: "Que faire",
  perimeters: "Périmètres",
  ofCommune: "Quartiers de la commune",
  ofName: "Quartiers liés à ce nom",
  candidates: "Lieux possibles",
  street: "Numéros de la rue",
  side: "Côté",
  inside: "En QPV",
  outside: "Hors QPV",
  uncertain: "À vérifier",
  check: "Vérifier ce lieu",
  fiche: "Fiche à imprimer (PDF)",
  record: "Réponse complète (JSON)",
  link: "Lien vers cette réponse",
  copy: "Copier",
  evidence: "Preuve et sources",
  digest: "Empreinte",
  dataset: "Données",
  source: "Source",
  edition: "Édition",
  licence: "Licence",
  sha256: "Empreinte du fichier",
  precision: "Précision",
  decrees: "Décrets",
  software: "Logiciel",
  checked: "Vérifié le",
};
export const SIDE = { odd: "Impair", even: "Pair" };

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
  if (!count) return "Aucune adresse proposée.";
  return `${plural(count, "adresse proposée", "adresses proposées")} ; flèches haut et bas pour choisir, Entrée pour prendre.`;
}

/** établissement (± 20 m) */
export function located(location) {
  const how = LOCATION_TYPE[location.type] ?? location.type;
  return location.accuracy_m ? `${how} (±${TIED}${metres(location.accuracy_m)})` : how;
}

export function point(lon, lat) {
  return `longitude ${lon}, latitude ${lat}`;
}

export function dated(verdict) {
  const future = verdict.on > verdict.evidence.checked_at.slice(0, 10);
  if (!verdict.generation) return day(verdict.on);
  const when = future ? "d'après les périmètres d'aujourd'hui" : "en vigueur ce jour-là";
  return `${day(verdict.on)} (génération ${verdict.generation.replace("qpv-", "")}, ${when})`;
}

export function edge(nearest) {
  if (nearest.distance_m === 0) return `Elle traverse le lieu : ${named(nearest)}`;
  return `À ${metres(nearest.distance_m)}, côté ${nearest.distance_m < 0 ? "intérieur" : "extérieur"} : ${named(nearest)}`;
}

export function sureness(verdict) {
  const { share_inside: share, evidence } = verdict;
  const { inside_min_share: most, outside_max_share: least } = evidence.thresholds;
  if (verdict.status === "not_located") return "Sans réponse : le lieu n'est pas connu.";
  if (share === null || share === undefined) {
    return verdict.status === "outside" ? "Réponse ferme." : "Pas assez sûr pour répondre par oui ou par non.";
  }
  const [whole, none, of] = verdict.street
    ? ["Toute la rue", "Aucun", "des numéros connus"]
    : ["Tout l'emplacement possible", "Rien", "de l'emplacement possible"];
  const several = verdict.street && Math.round(share * 100) >= 2;
  const part = share === 0 ? `${none} ${of} n'est` : `${percent(share)} ${of} ${several ? "sont" : "est"}`;
  const known = share === 1 ? `${whole} est` : part;
  const rule =
    verdict.status === "uncertain"
      ? `il en faut ${percent(most)} pour dire « en QPV », et ${percent(least)} au plus pour dire « hors QPV »`
      : "réponse ferme";
  return `${known} en quartier prioritaire : ${rule}.`;
}

/** A perimeter and the share of the location inside it, which is unknown for a commune. */
export function matched(one) {
  const kind = KIND[one.kind] ?? one.kind;
  if (one.share_inside === null) return one.kind === "qpv" ? named(one) : `${named(one)}, ${kind}`;
  return `${named(one)}, ${kind}, ${percent(one.share_inside)} de l'emplacement possible`;
}

// ── The map ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const SITE = {
  loaded: (name) => `Site chargé : « ${name} »`,
  tooLarge: "Ce fichier dépasse 1 Mo. Ne gardez que le contour du site.",
  notGeojson: "Ce fichier n’est pas du GeoJSON. Exportez le contour en GeoJSON, en longitude et latitude (WGS84).",
};

export const MAP = {
  in: "Zoomer",
  out: "Dézoomer",
  home: "Recentrer sur le point",
  left: "Vers l'ouest",
  right: "Vers l'est",
  up: "Vers le nord",
  down: "Vers le sud",
  keys: "Flèches pour déplacer la carte, + et − pour zoomer, 0 pour recentrer.",
  failed: "Les périmètres n'ont pas pu être dessinés ; la réponse n'en dépend pas.",
  partial: "Tous les périmètres de cette étendue ne sont pas dessinés : zoomez.",
  point: "le lieu",
  site: "le site",
  likest: "l’adresse la plus ressemblante",
  disc: "emplacement possible",
  perimeter: "quartier prioritaire",
};

export function mapLabel(verdict) {
  const place = verdict.location.label ?? point(verdict.location.lon, verdict.location.lat);
  const near = verdict.nearest ? ` Limite : ${edge(verdict.nearest)}.` : "";
  return `Carte autour de : ${place}.${near} ${MAP.keys}`;
}

// ── A list ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const BATCH = {
  needed: "Choisissez d'abord un fichier CSV ou XLSX.",
  kind: "Ce fichier n'est ni un CSV ni un XLSX. Enregistrez le fichier en .xlsx, puis recommencez.",
  reading: "Lecture du fichier…",
  running: "Vérification de la liste",
  progress: "Avancement",
  columns: "Colonnes utilisées :",
  download: "Télécharger le fichier complété",
  quartiers: "Par quartier",
  quartier: "Quartier",
  inside: "En QPV",
  uncertain: "À vérifier",
  unanswered: "Lignes sans réponse",
  row: "Ligne",
  why: "Pourquoi",
  resume: "Reprendre",
  offline: "Terminer sans le service national",
  once: "Reprenez une fois que c'est fait.",
  onceOr: "Reprenez une fois que c'est fait, ou quand le service national répond de nouveau.",
  ways: "Reprenez dans quelques minutes : la vérification continue là où elle s'est arrêtée. Ou terminez sans le service national : les adresses que ce serveur ne trouve pas restent à vérifier ou sans réponse, jamais « hors QPV ».",
};
export const COLUMNS = {
  question: "Qu'est-ce qui situe chaque ligne ?",
  guess: "Les colonnes reconnues",
  address: "Une adresse",
  coordinates: "Une longitude et une latitude",
  unknown: "Aucune colonne n'a été reconnue à son nom : dites lesquelles situent chaque ligne.",
  addressParts: "Colonnes de l'adresse, mises bout à bout",
  citycode: "Code INSEE de la commune",
  lon: "Longitude",
  lat: "Latitude",
  date: "Date propre à chaque ligne",
  amount: "Montant demandé (dispositifs)",
  replace: "Remplacer les réponses que le fichier contient déjà",
  optional: "(facultatif)",
  none: "–",
  addressNeeded: "Cochez au moins une colonne de l'adresse.",
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
};
/** What to do instead if the server names a field that this page does not have. */
export const WITHOUT_FIELD = {
  encoding: "corrigez-les, puis enregistrez le fichier au format « CSV UTF-8 »",
  header_row: "supprimez les lignes au-dessus, puis renvoyez le fichier",
  crs: "convertissez-les en longitude et latitude, en degrés",
};
const ROW_REASON = {
  near_boundary: "trop près de la limite",
  imprecise_location: "position trop imprécise",
  weak_match: "adresse mal reconnue",
  site_straddles: "site à cheval sur la limite",
  street_straddles: "rue à cheval sur la limite",
  not_covered: "lieu non couvert par les périmètres présents",
  no_match: "adresse introuvable",
  missing_addresses: "adresses de la commune non installées",
  named_area: "nom d’usage, sans limites publiées",
  commune_without_perimeter: "commune sans périmètre",
  empty: "aucun lieu indiqué",
  bad_input: "valeur illisible",
  missing_perimeters: "périmètres de cette date absents",
};
const STATE = { sending: "Envoi du fichier…", queued: "En attente…" };

export function jobProgress({ state, rows, share }) {
  if (STATE[state]) return STATE[state];
  if (!share) return "Recherche des adresses et des périmètres…";
  const part = `${Math.floor(100 * (share ?? 0))}${TIED}%`;
  return rows ? `${part}, ${plural(rows, "ligne vérifiée", "lignes vérifiées")}` : part;
}

export function jobFailed(cause) {
  return `La liste n'a pas pu être vérifiée : ${cause}`;
}

/** For a list that the geocoder stopped. */
export function jobStopped(job) {
  return `La liste n'est pas finie : ce serveur ne trouve pas seul toutes ses adresses, et le service national qui les chercherait est en panne.${kept(job)}`;
}

/** For a list that needs something the administrator can install. */
export function jobWants(job, cause) {
  return `${jobFailed(cause)}.${kept(job)}`;
}

function kept(job) {
  return job.expires_at ? ` La liste est gardée sur ce serveur jusqu'au ${moment(job.expires_at)}.` : "";
}

/** The columns used for a list; if it has both, the address serves the rows without coordinates. */
export function columnsUsed({ address, lon, lat, citycode, date }) {
  const quoted = (name) => `«${TIED}${name}${TIED}»`;
  const parts = [
    lon && `longitude et latitude : ${quoted(lon)}, ${quoted(lat)}`,
    address && `adresse : ${address.map(quoted).join(" + ")}`,
    citycode && `code INSEE : ${quoted(citycode)}`,
    date && `date : ${quoted(date)}`,
  ];
  return `${parts.filter(Boolean).join(" ; ")}.`;
}

export function done(rows) {
  return rows > 1 ? `${number(rows)} lignes vérifiées` : `${number(rows)} ligne vérifiée`;
}

export function keptUntil(iso) {
  return `conservé jusqu'au ${moment(iso)}`;
}

export function counted(count, share) {
  return `${number(count)} (${percent(share)})`;
}

export function ofReason({ reason, count }) {
  return `${ROW_REASON[reason] ?? reason} : ${number(count)}`;
}

export function andOthers(count) {
  return `et ${number(count)} autres, dans le fichier complété.`;
}
