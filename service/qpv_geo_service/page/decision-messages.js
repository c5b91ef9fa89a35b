// French texts of the decisions of schemes, and the amount as people write it.

import { day, number } from "./messages.js";

export const OUTCOME = {
  place_ok: "Lieu conforme, le reste à vérifier",
  eligible: "Éligible",
  not_eligible: "Non éligible",
  to_review: "À vérifier",
};
export const ANSWER = { oui: "Oui", non: "Non" };
export const DECISION = {
  questions: "Questions qui décident",
  recalled: "À savoir",
  steps: "Étapes du dossier",
  reasons: "Détail et textes",
  clear: "Effacer les réponses",
  amount: "Indiquer le montant",
};
export const AMOUNT_WRONG = "Montant illisible. Écrivez par exemple 1 200 ou 1 200,50.";

const BY = { declared: "déclaré", npnru: "d’après la liste NPNRU" };
const AMOUNT = /^\d{1,12}(?:[.,]\d{1,2})?$/;

/** Who or what answered a question; empty without an answer. */
export function answeredBy({ by }) {
  return by ? (BY[by] ?? by) : "";
}

/** How many questions are left: « 2 questions restent sans réponse. » */
export function left(count) {
  if (!count) return "Toutes les questions ont une réponse.";
  return count > 1 ? `${number(count)} questions restent sans réponse.` : "1 question reste sans réponse.";
}

/** The new outcome of a scheme, in one sentence, for those who do not see it. */
export function announced(decision, count) {
  const rest = decision.outcome === "not_eligible" ? "" : ` ${left(count)}`;
  return `${decision.label} : ${OUTCOME[decision.outcome].toLowerCase()}.${rest}`;
}

export function dateCounts(counts) {
  return `Pour ce dispositif, la date qui compte est ${counts}.`;
}

export function basis(source) {
  return `${source.title}, lu le ${day(source.read_on)}`;
}

export function cap(euros) {
  return `Au plus ${number(euros, Number.isInteger(euros) ? 0 : 2)} € par projet.`;
}

/** An amount in euros as the server reads it, from « 1 200,50 € »; null if it is none. */
export function amountOf(text) {
  const typed = text.replace(/\s/g, "").replace(/(?:€|euros?)$/i, "");
  return AMOUNT.test(typed) ? typed.replace(",", ".") : null;
}

/** An amount of the server as people write it: 1 200,5. */
export function amountText(amount) {
  return AMOUNT.test(amount) ? number(Number(amount), (amount.split(".")[1] ?? "").length) : amount;
}
