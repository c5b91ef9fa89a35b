// Shows the decision of a scheme: its outcome, why, its questions to answer, and the steps of a file.

import { h } from "./dom.js";
import { forAdministrator } from "./error-card.js";
import { icon } from "./icons.js";
import * as msg from "./decision-messages.js";
import { tied } from "./messages.js";

const { DECISION } = msg;

/**
 * Builds the decision of a scheme.
 *
 * `answer(id, word)` answers a question by "oui", "non" or null, which takes the answer back; `clear()` takes them all
 * back; `askAmount()` goes to the field of the amount.
 */
export function decisionSection(one, actions) {
  const heading = `decision-${one.scheme}`;
  return h(
    "section",
    { class: `decision outcome-${one.outcome}`, "aria-labelledby": heading },
    h(
      "h3",
      { id: heading, tabindex: "-1" },
      h("span", { class: "decision-label" }, tied(one.label)),
      h("span", { class: "decision-outcome" }, icon(one.outcome), h("span", {}, tied(msg.OUTCOME[one.outcome]))),
    ),
    why(one),
    questions(one, actions),
    told(DECISION.recalled, "ul", recalled(one)),
    one.outcome !== "not_eligible" && told(DECISION.steps, "ol", one.steps),
    h(
      "details",
      {},
      h("summary", {}, DECISION.reasons),
      h(
        "ul",
        { class: "reasons" },
        one.reasons.map((reason, k) => statement(reason, one.reasons[k + 1])),
      ),
    ),
  );
}

/** How many decisive questions, the amount included, have no answer yet. */
export function unanswered(decision) {
  return decision.reasons.filter((one) => one.result === "unanswered").length;
}

/** The reasons that make the outcome, then the commands that would settle them. */
function why(one) {
  const found = grounds(one);
  const commands = one.outcome === "to_review" ? (one.remedies ?? []) : [];
  return [texts("ul", "grounds", found), commands.length > 0 && h("div", {}, forAdministrator(commands))];
}

/** The reasons that make the outcome, the details apart. */
function grounds({ outcome, spatial, reasons, evidence }) {
  const zones = new Set(evidence.zones.map((one) => one.id));
  const of = (...results) => reasons.filter((one) => results.includes(one.result));
  const isElsewhere = (one) => spatial !== "not_met" && zones.has(one.about); // another zone is enough
  const doubts = of("in_doubt");
  const found = {
    not_eligible: of("not_met").filter((one) => !isElsewhere(one)),
    to_review: doubts.length ? doubts : of("met").filter((one) => zones.has(one.about)),
  }[outcome];
  return [...(found ?? []), ...reasons.filter((one) => one.about === "known_until")];
}

// ── Questions ────────────────────────────────────────────────────────────────────────────────────────────────────

function questions(one, { answer, clear, askAmount }) {
  const decisive = asked(one, true);
  const amount = one.reasons.find((reason) => reason.about === "amount" && reason.result === "unanswered");
  if (!decisive.length && !amount) return null;
  const declared = one.questions.some(({ by }) => by === "declared");
  return h(
    "div",
    { class: "questions" },
    h("h4", {}, DECISION.questions),
    h("p", { class: "quiet" }, msg.left(unanswered(one))),
    decisive.map((question) => asking(question, answer)),
    amount &&
      h(
        "p",
        { class: "question" },
        h("span", {}, tied(amount.text)),
        h("button", { type: "button", class: "small", onclick: askAmount }, DECISION.amount),
      ),
    declared && h("button", { type: "button", class: "small clear", onclick: () => clear(one) }, DECISION.clear),
  );
}

/** The questions, decisive or not, that a reason speaks of: those of zones that are far away are not asked. */
function asked(one, decisive) {
  const about = new Set(one.reasons.map((reason) => reason.about));
  return one.questions.filter((question) => question.decisive === decisive && about.has(question.id));
}

function recalled(one) {
  return asked(one, false).map(({ question, article }) => ({ text: article ? `${question} (${article})` : question }));
}

function asking(one, answer) {
  const given = { true: "oui", false: "non" }[one.answer];
  const button = (word) =>
    h(
      "button",
      {
        type: "button",
        class: "small answer-word",
        id: `question-${one.id}-${word}`,
        "aria-pressed": String(given === word),
        onclick: () => answer(one.id, given === word && one.by === "declared" ? null : word),
      },
      msg.ANSWER[word],
    );
  return h(
    "fieldset",
    { class: "question" },
    h("legend", {}, tied(one.question), one.article && h("span", { class: "quiet" }, tied(one.article))),
    h(
      "div",
      { class: "answer-words" },
      Object.keys(msg.ANSWER).map(button),
      h("span", { class: "quiet" }, msg.answeredBy(one)),
    ),
  );
}

// ── Texts ────────────────────────────────────────────────────────────────────────────────────────────────────────

function texts(tag, name, items) {
  return (
    items.length > 0 &&
    h(
      tag,
      { class: name },
      items.map((one) => h("li", {}, tied(one.text))),
    )
  );
}

function told(title, tag, items) {
  return items.length > 0 && h("div", { class: "told" }, h("h4", {}, title), texts(tag, "listed", items));
}

/** A reason with its legal text, shown once for consecutive reasons with the same text. */
function statement(reason, next) {
  const basis = msg.basis(reason.source);
  const isTold = next && msg.basis(next.source) === basis;
  return h("li", {}, tied(reason.text), !isTold && h("span", { class: "quiet" }, basis));
}
