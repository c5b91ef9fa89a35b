// What the register says.

export const STATUS = { inside: "en QPV", outside: "hors QPV", uncertain: "à vérifier", not_located: "non localisée" };
export const OUTCOME = {
  place_ok: "lieu conforme",
  eligible: "éligible",
  not_eligible: "non éligible",
  to_review: "à vérifier",
};

export const KEEP = "Enregistrer dans le registre";
export const KEEP_WHY = "La réponse et ses justificatifs sont conservés sur ce serveur, avec l’adresse.";
export const CASE = "Numéro de dossier";
export const SERVICE = "Service";
export const BY = "Votre nom";
export const OPTIONAL = "(facultatif)";
export const EARLIER = "Déjà enregistrées pour ce lieu";
export const NONE = "Aucune vérification.";
export const PURGED = "(adresse effacée)";
export const COMPUTED = "Calculé";
export const DECIDED = "Décidé";
export const DECIDE = "Décider";
export const DECIDE_TITLE = "Enregistrer une décision";
export const DECIDE_WHY = "La réponse calculée est conservée. La décision s’affiche à côté, avec votre nom et votre motif.";
export const DECISION = "Décision";
export const REASON = "Motif";
export const DOCUMENT = "Document consulté";
export const DOCUMENT_WHY = "Seuls son nom et son empreinte numérique sont conservés.";
export const NO_DOCUMENT = "Cette page n’est pas servie en HTTPS : l’empreinte numérique du document ne peut pas être calculée.";
export const QUARTIER = "Code du quartier, s’il n’est pas celui du verdict";
export const ASKED_BY = "Demandé par";
export const NEEDS_A_KEY = "Le registre demande une clé d’accès. Votre administrateur vous la donne.";
export const NEEDED = "Indiquez le motif et votre nom.";
export const FICHE = "Fiche PDF";
export const RECORD = "Réponse complète (JSON)";
export const OPEN = "Ouvrir";
export const SCHEMES = "Dispositifs";
export const SUPERSEDED = (sequence) => `remplacée par la n° ${sequence}`;

const DAY = new Intl.DateTimeFormat("fr-FR", { dateStyle: "short" });
const MOMENT = new Intl.DateTimeFormat("fr-FR", { dateStyle: "short", timeStyle: "short" });

export function numbered(sequence) {
  return `Vérification n° ${sequence}`;
}

export function kept(sequence) {
  return `Enregistrée : vérification n° ${sequence}.`;
}

export function day(text) {
  return DAY.format(new Date(text));
}

export function moment(text) {
  return MOMENT.format(new Date(text));
}

export function onDay(text) {
  return text ? `situation au ${DAY.format(new Date(`${text}T12:00:00`))}` : "";
}

export function answer({ status, code, name }) {
  return [STATUS[status] ?? status, name && code ? `${name} (${code})` : code].filter(Boolean).join(", ");
}

export function place({ asked, label, lon, lat, purged }) {
  if (purged) return PURGED;
  return asked ?? label ?? (lon === null ? "" : `longitude ${lon}, latitude ${lat}`);
}

export function ofCase(number) {
  return number ? `dossier ${number}` : "";
}

export function decidedBy({ by, created_at: at }) {
  return `par ${by ?? PURGED}, le ${moment(at)}`;
}

export function counted(shown, count) {
  if (!count) return NONE;
  const what = `${count} vérification${count > 1 ? "s" : ""}`;
  return shown < count ? `${what}. Les ${shown} plus récentes sont affichées.` : `${what}.`;
}
