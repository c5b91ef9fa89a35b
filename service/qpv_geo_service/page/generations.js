// 2015 beside 2024 for one place: both answers in a table, and the perimeters of the other generation on the map.

import { edge, GENERATIONS, STATUS } from "./answer-messages.js";
import * as api from "./api.js";
import { h } from "./dom.js";
import { forAdministrator } from "./error-card.js";
import { icon } from "./icons.js";
import { named, tied } from "./messages.js";

/** The generations that have perimeters on this server, the oldest first. */
export function installed() {
  return document.documentElement.dataset.generations.split(" ").filter(Boolean);
}

/**
 * A section that compares the generations for the place of a verdict, once it is opened; null where there is nothing to
 * compare. `drawn(generation)` draws the other generation too.
 */
export function comparedGenerations(question, verdict, drawn) {
  const other = installed().find((one) => one !== verdict.generation);
  if (!other || !verdict.generation || verdict.location.lon === null) return null;
  const content = h("div", { class: "generations-content", role: "status" });
  const open = async () => {
    if (!section.open || content.hasChildNodes()) return;
    content.textContent = GENERATIONS.working;
    try {
      const { verdict: second } = await api.check({
        ...question,
        scheme: "",
        amount: null,
        answers: [],
        generation: other,
      });
      const both = [verdict, second].sort((one, next) => one.generation.localeCompare(next.generation));
      content.replaceChildren(h("p", { class: "quiet" }, GENERATIONS.note), table(both));
      drawn(other);
    } catch (failure) {
      content.replaceChildren(
        h("p", {}, failure.message),
        ...(failure.command ? forAdministrator([failure.command]).flat() : []),
      );
    }
  };
  const section = h("details", { class: "generations", ontoggle: open }, h("summary", {}, GENERATIONS.title), content);
  return section;
}

function table(verdicts) {
  const head = [GENERATIONS.column, GENERATIONS.answer, GENERATIONS.where, GENERATIONS.edge];
  const row = (verdict) => [
    h("th", { scope: "row" }, verdict.generation.replace("qpv-", "")),
    h("td", { class: `status-${verdict.status}` }, icon(verdict.status), STATUS[verdict.status]),
    h("td", {}, verdict.perimeters.map(named).join(", ") || GENERATIONS.none),
    h("td", {}, verdict.nearest ? tied(edge(verdict.nearest)) : GENERATIONS.none),
  ];
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": GENERATIONS.title },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head.map((one) => h("th", { scope: "col" }, one)),
        ),
      ),
      h(
        "tbody",
        {},
        verdicts.map((one) => h("tr", {}, row(one))),
      ),
    ),
  );
}
