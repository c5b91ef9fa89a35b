// Shows a verdict: the answer, its certainty, the reason and the evidence.

import { downloadLink } from "./api.js";
import { comparison, differing, markedLabel } from "./compared.js";
import { candidateStatus, perimetersLabel } from "./compared-messages.js";
import { decisionSection } from "./decision.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { forAdministrator } from "./error-card.js";
import * as msg from "./messages.js";

const { LABEL } = msg;

/**
 * Builds the card of an answer.
 *
 * `links` holds the URLs `page`, `fiche` and `record`; `map` is an element or null; `again(candidate)` checks a
 * candidate; `scheme` holds what the decision of a scheme may ask for, see `decisionSection`.
 */
export function answerCard({ verdict, links, map, again, scheme }) {
  const heading = h(
    "h2",
    { class: "verdict-word", tabindex: "-1", id: "verdict" },
    icon(verdict.status),
    h("span", {}, msg.STATUS[verdict.status]),
  );
  return h(
    "article",
    { class: `card answer status-${verdict.status}`, "aria-labelledby": "verdict" },
    h("div", { class: "verdict" }, heading, h("p", { class: "verdict-message" }, msg.tied(verdict.message))),
    comparison(verdict),
    h("div", { class: map ? "answer-body with-map" : "answer-body" }, facts(verdict, again), map),
    verdict.remedy && h("div", { class: "remedy" }, forAdministrator([verdict.remedy])),
    (verdict.schemes ?? []).map((one) => decisionSection(one, scheme)),
    actions(links),
    evidence(verdict),
    h("p", { class: "legal" }, verdict.evidence.notice),
  );
}

function facts(verdict, again) {
  const [why, todo] = msg.reason(verdict);
  return h(
    "dl",
    { class: "facts" },
    verdict.evidence.input.address === undefined && fact(LABEL.place, place(verdict.location)),
    fact(LABEL.date, msg.dated(verdict)),
    verdict.nearest && fact(LABEL.edge, msg.edge(verdict.nearest)),
    fact(LABEL.sure, msg.sureness(verdict), gauge(verdict)),
    fact(LABEL.why, why),
    todo && fact(LABEL.todo, todo),
    verdict.candidates && fact(LABEL.candidates, candidates(verdict, again)),
    verdict.street && fact(LABEL.street, street(verdict.street)),
    tellsMore(verdict) && fact(perimetersLabel(verdict), list(verdict.perimeters.map(msg.matched))),
  );
}

/** Whether the list of perimeters adds to the other lines: several, another kind, or no share (a commune). */
function tellsMore({ perimeters }) {
  return perimeters.length > 1 || perimeters.some((one) => one.kind !== "qpv" || one.share_inside === null);
}

function fact(label, ...content) {
  const tied = content.map((one) => (typeof one === "string" ? msg.tied(one) : one));
  return h("div", { class: "fact" }, h("dt", {}, label), h("dd", {}, tied));
}

function place(location) {
  const where = location.label ?? msg.point(location.lon, location.lat);
  return [h("span", { class: "place-label" }, where), h("span", { class: "quiet" }, msg.located(location))];
}

/** A bar for a share between 0 and 1, with marks where the answer becomes firm; the text says the same. */
function gauge(verdict) {
  const share = verdict.share_inside;
  if (!share || share === 1) return null;
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

function list(texts) {
  return h(
    "ul",
    { class: "plain" },
    texts.map((text) => h("li", {}, text)),
  );
}

function candidates(verdict, again) {
  return h(
    "ul",
    { class: "candidates" },
    verdict.candidates.map((one) =>
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
          { type: "button", class: "small", "aria-label": `${LABEL.check} : ${one.label}`, onclick: () => again(one) },
          LABEL.check,
        ),
      ),
    ),
  );
}

function street(sides) {
  const columns = ["inside", "outside", "uncertain"].filter((name) => sides.some((side) => side[name].length));
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": LABEL.street },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, LABEL.side),
          columns.map((name) => h("th", { scope: "col" }, LABEL[name])),
        ),
      ),
      h(
        "tbody",
        {},
        sides.map((side) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, msg.SIDE[side.side] ?? side.side),
            columns.map((name) => h("td", {}, side[name].join(", ") || "–")),
          ),
        ),
      ),
    ),
  );
}

function actions(links) {
  const status = h("span", { class: "copied", role: "status" });
  const field = h("input", {
    id: "link",
    type: "text",
    readonly: true,
    value: links.page ?? "",
    onfocus: () => field.select(),
  });
  return h(
    "div",
    { class: "answer-actions" },
    links.fiche && downloadLink(LABEL.fiche, links.fiche),
    h("a", { class: "button", href: links.record, download: "verdict.json" }, LABEL.record),
    links.page &&
      h(
        "div",
        { class: "link" },
        h("label", { for: "link" }, LABEL.link),
        h(
          "div",
          { class: "link-row" },
          field,
          h("button", { type: "button", onclick: () => copy(field, status) }, LABEL.copy),
        ),
        h("p", { class: "link-printed" }, links.page),
        status,
      ),
  );
}

async function copy(field, status) {
  try {
    await navigator.clipboard.writeText(field.value);
    status.textContent = msg.LINK_COPIED;
  } catch {
    field.focus(); // pages served without TLS have no clipboard
    status.textContent = msg.LINK_SELECTED;
  }
}

function evidence(verdict) {
  const held = verdict.evidence;
  const rows = [
    [LABEL.digest, held.digest, "code"],
    [LABEL.dataset, held.title],
    [LABEL.edition, held.edition],
    [LABEL.source, held.source],
    [LABEL.licence, held.licence],
    [LABEL.precision, held.precision_m && msg.metres(held.precision_m)],
    [LABEL.sha256, held.sha256, "code"],
    [LABEL.decrees, held.decrees.length > 0 && list(held.decrees)],
    [LABEL.software, held.software],
    [LABEL.checked, msg.moment(held.checked_at)],
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
  );
}
