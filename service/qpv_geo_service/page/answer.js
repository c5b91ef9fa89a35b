// Shows a verdict: the answer, what was asked and found, how sure it is, what to do, and the evidence.

import * as msg from "./answer-messages.js";
import { downloadLink } from "./api.js";
import { alike, comparison, differing, markedLabel } from "./compared.js";
import { candidateStatus, perimetersLabel } from "./compared-messages.js";
import { copyButton } from "./copying.js";
import { decisionSection } from "./decision.js";
import { h } from "./dom.js";
import { forAdministrator } from "./error-card.js";
import { icon } from "./icons.js";
import { metres, moment, tied } from "./messages.js";

const { LABEL } = msg;

/**
 * Builds the card of an answer.
 *
 * `asked` is the question; `place` the words that name the place; `links` holds the URLs `page`, `fiche` and `record`;
 * `map` is an element or null; `generations` an element or null; `again(candidate)` checks a candidate; `frame(code)`
 * shows a perimeter on the map; `scheme` holds what the decision of a scheme may ask for, see `decisionSection`.
 */
export function answerCard({ asked, verdict, place, links, map, generations, again, frame, scheme }) {
  const heading = h(
    "h2",
    { class: "verdict-word", tabindex: "-1", id: "verdict" },
    icon(verdict.status),
    h("span", {}, msg.STATUS[verdict.status]),
  );
  return h(
    "article",
    { class: `card answer status-${verdict.status}`, "aria-labelledby": "verdict" },
    h(
      "div",
      { class: "verdict" },
      h("div", { class: "verdict-told" }, heading, h("p", { class: "verdict-message" }, tied(verdict.message))),
      h(
        "div",
        { class: "verdict-actions" },
        copyButton(LABEL.copyAnswer, () => msg.forEmail(verdict, place, links.page), msg.COPY.answer, "copy-answer"),
        links.fiche && downloadLink(LABEL.fiche, links.fiche),
      ),
    ),
    h(
      "div",
      { class: map ? "answer-body with-map" : "answer-body" },
      h(
        "div",
        { class: "answer-told" },
        comparison(verdict, asked),
        facts(verdict, { again, frame: map && frame }),
        verdict.remedy && h("div", { class: "remedy" }, forAdministrator([verdict.remedy])),
      ),
      map,
    ),
    (verdict.schemes ?? []).map((one) => decisionSection(one, scheme)),
    generations,
    evidence(verdict, links),
    h("p", { class: "legal" }, verdict.evidence.notice),
  );
}

function facts(verdict, { again, frame }) {
  const todo = msg.todo(verdict);
  const candidates = alike(verdict.candidates);
  return h(
    "dl",
    { class: "facts" },
    fact(LABEL.sure, msg.sureness(verdict), gauge(verdict)),
    todo && fact(LABEL.todo, todo),
    candidates.length > 0 && fact(LABEL.candidates, candidateList(verdict, candidates, again)),
    verdict.street && fact(LABEL.street, street(verdict.street)),
    (verdict.statements ?? []).map((one) => fact(LABEL.stated, msg.stated(one))),
    tellsMore(verdict) && fact(perimetersLabel(verdict), perimeters(verdict, frame)),
    verdict.nearest && fact(LABEL.edge, msg.edge(verdict.nearest)),
    fact(LABEL.date, msg.dated(verdict)),
  );
}

/** Whether the list of perimeters adds to the other lines: several, another kind, or no share (a commune). */
function tellsMore({ perimeters: found }) {
  return found.length > 1 || found.some((one) => one.kind !== "qpv" || one.share_inside === null);
}

function fact(label, ...content) {
  const told = content.map((one) => (typeof one === "string" ? tied(one) : one));
  return h("div", { class: "fact" }, h("dt", {}, label), h("dd", {}, told));
}

/** A bar for the share of a site, with marks where the answer becomes firm; the text says the same. */
function gauge(verdict) {
  const share = verdict.share_inside;
  if (verdict.location.type !== "site" || !share || share === 1) return null;
  const bar = h("span", { class: "gauge-fill" });
  const { inside_min_share: most, outside_max_share: least } = verdict.evidence.thresholds;
  const marks = [least, most].map((at) => {
    const mark = h("span", { class: "gauge-mark" });
    mark.style.left = `${at * 100}%`;
    return mark;
  });
  bar.style.width = `${share * 100}%`;
  return h("span", { class: "gauge", "aria-hidden": "true" }, bar, marks);
}

function list(items) {
  return h(
    "ul",
    { class: "plain" },
    items.map((one) => h("li", {}, one)),
  );
}

/** The perimeters found; with a map, each has a button that frames it. */
function perimeters({ perimeters: found, location }, frame) {
  const line = (one) => [
    msg.matched(one, location.type === "site"),
    frame &&
      h(
        "button",
        {
          type: "button",
          class: "small",
          "aria-label": `${LABEL.frame} : ${one.name}`,
          onclick: () => frame(one.code),
        },
        LABEL.frame,
      ),
  ];
  return list(found.map((one) => h("span", { class: "row" }, line(one))));
}

function candidateList(verdict, candidates, again) {
  return h(
    "ul",
    { class: "candidates" },
    candidates.map((one) =>
      h(
        "li",
        {},
        h(
          "span",
          { class: `candidate status-${one.status}` },
          icon(one.status),
          h("span", {}, markedLabel(one.label, one.match, verdict), candidateStatus(one)),
          differing(one.match),
        ),
        h(
          "button",
          { type: "button", class: "small", "aria-label": `${LABEL.check} : ${one.label}`, onclick: () => again(one) },
          LABEL.check,
        ),
      ),
    ),
  );
}

/** The numbers of a street, by side and by answer. */
function street(sides) {
  const columns = ["inside", "outside", "uncertain"].filter((name) => sides.some((side) => side[name].length));
  const head = columns.map((name) => h("th", { scope: "col", class: `status-${name}` }, icon(name), LABEL[name]));
  const row = (side) => [
    h("th", { scope: "row" }, msg.SIDE[side.side] ?? side.side),
    columns.map((name) => h("td", {}, side[name].join(", ") || "–")),
  ];
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": LABEL.street },
    h(
      "table",
      { class: "street" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, LABEL.side), head)),
      h(
        "tbody",
        {},
        sides.map((side) => h("tr", {}, row(side))),
      ),
    ),
  );
}

function evidence(verdict, links) {
  const held = verdict.evidence;
  const rows = [
    [LABEL.digest, held.digest, "code"],
    [LABEL.dataset, held.title],
    [LABEL.edition, held.edition],
    [LABEL.source, held.source],
    [LABEL.licence, held.licence],
    [LABEL.precision, held.precision_m && metres(held.precision_m)],
    [LABEL.sha256, held.sha256, "code"],
    [LABEL.decrees, held.decrees.length > 0 && list(held.decrees)],
    [LABEL.inForce, held.decrees.some((one) => one.includes("2024-806")) && msg.DECREE_NOTE],
    [LABEL.software, held.software],
    [LABEL.checked, moment(held.checked_at)],
  ];
  return h(
    "details",
    { class: "evidence" },
    h("summary", {}, LABEL.evidence),
    h(
      "dl",
      { class: "facts" },
      rows
        .filter(([, content]) => content)
        .map(([label, content, tag]) => fact(label, tag ? h(tag, {}, content) : content)),
    ),
    h(
      "div",
      { class: "answer-actions" },
      h("a", { class: "button", href: links.record, download: "verdict.json" }, LABEL.record),
      links.page && copyButton(LABEL.copy, () => links.page, msg.COPY.link, "copy-link"),
    ),
    links.page && h("p", { class: "link-printed" }, links.page),
  );
}
