// Texts and signs that compare the address found with the address asked.

import { LABEL, located } from "./answer-messages.js";
import { STATUS_SHORT, tied } from "./messages.js";

export const LIKEST = "adresse la plus ressemblante";

/** The sign shown before the text of each agreement. */
export const SIGN = { same: "=", spelling: "≈", different: "≠", unsaid: "?" };
const PART = { number: "numéro", street: "rue", postcode: "code postal", city: "commune" };
const DIFFERENT = { number: "différent", street: "différente", postcode: "différent", city: "différente" };
const OF_COMMUNE = new Set(["postcode", "city"]);

/** The parts that can be compared, as `{name, agreement}`; plus the commune when the match is weak for lack of it. */
export function comparable({ reason: why, location: { label, match, type, lon } }) {
  if (!label || !match) return [];
  const counts = (name) => type !== "municipality" || lon !== null || OF_COMMUNE.has(name);
  const wanted = (name) => name === "city" && why === "weak_match" && isTownUnsaid(match);
  return Object.entries(match)
    .filter(([name, agreement]) => (agreement !== "unsaid" || wanted(name)) && counts(name))
    .map(([name, agreement]) => ({ name, agreement }));
}

function isTownUnsaid(match) {
  return match.city === "unsaid" && match.postcode === "unsaid";
}

/** rue : différente */
export function part(name, agreement) {
  const spelling = name === "postcode" ? "à un chiffre près" : "orthographe différente";
  const how = { same: "identique", spelling, different: DIFFERENT[name], unsaid: "non précisée" }[agreement];
  return tied(`${PART[name]} : ${how}`);
}

/** numéro, rue et commune identiques */
export function allSame(names) {
  const told = names.map((name) => PART[name]);
  const last = told.pop();
  return told.length ? `${told.join(", ")} et ${last} identiques` : `${last} identique`;
}

/** The parts of a candidate that differ or are spelt differently, and a missing commune; empty if there are none. */
export function differing(match) {
  const told = Object.entries(match).filter(([, how]) => how === "different" || how === "spelling");
  if (isTownUnsaid(match)) told.push(["city", "unsaid"]);
  return tied(told.map(([name, how]) => `${SIGN[how]} ${part(name, how)}`).join(" ; "));
}

/** For an address that was not found: which of its parts were recognised. */
export function nothingFound({ match }) {
  const known = ["city", "postcode"].filter((name) => match && (match[name] === "same" || match[name] === "spelling"));
  if (!known.length) return "aucune adresse";
  const are = known.length > 1 ? "reconnus" : known[0] === "city" ? "reconnue" : "reconnu";
  return `aucune adresse (${known.map((name) => PART[name]).join(" et ")} ${are})`;
}

/** What was found for an address, with its accuracy. */
export function foundAs({ status, reason: why, location, street }) {
  if (status === "not_located") return location.type === "poi" ? "position non publiée" : "introuvable";
  if (why === "named_area") return "nom d’usage";
  const ofCommune = location.type === "municipality" && location.lon === null;
  return ofCommune && location.match && location.match.street !== "unsaid"
    ? "commune (rue introuvable)"
    : located(location, { byNumbers: Boolean(street) });
}

export function perimetersLabel({ location }) {
  if (location.lon !== null) return LABEL.perimeters;
  return location.type === "municipality" ? LABEL.ofCommune : LABEL.ofName;
}

export function candidateStatus(one) {
  return `\u00a0: ${STATUS_SHORT[one.status]}`;
}
