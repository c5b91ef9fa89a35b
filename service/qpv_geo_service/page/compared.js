// Shows what was asked beside what was found, with the parts that differ: by sign and word, not by colour alone.

import { LABEL, located, point } from "./answer-messages.js";
import * as msg from "./compared-messages.js";
import { h } from "./dom.js";

const PIECES = { number: "housenumber", street: "street", postcode: "postcode", city: "city" };
const MARKED = { different: "mark", spelling: "em" };
const MOST_CANDIDATES = 5;
const LEAST_ALIKE = 0.6;

/** What was asked, what was found and how their parts agree; a point of the map or a site has only one side. */
export function comparison(verdict, question) {
  const { location, evidence } = verdict;
  const { address } = evidence.input;
  if (!question.q)
    return h("dl", { class: "sides" }, side(LABEL.place, question.site ? siteSide(question) : pointSide(verdict)));
  const compared = address ? msg.comparable(verdict) : [];
  return h(
    "div",
    { class: "compared" },
    h(
      "dl",
      { class: "sides" },
      side(LABEL.asked, label(question.q)),
      side(LABEL.found, address ? found(verdict) : pointSide({ location })),
    ),
    compared.length > 0 && h("ul", { class: "parts", "aria-label": LABEL.compared }, parts(compared)),
  );
}

/** A line for each part; one for all where they are the same. */
function parts(compared) {
  return compared.every(({ agreement }) => agreement === "same")
    ? line("same", msg.allSame(compared.map(({ name }) => name)))
    : compared.map(({ name, agreement }) => line(agreement, msg.part(name, agreement)));
}

/** At most five candidates that look like what was asked: none of another street beside those of the street asked. */
export function alike(candidates = []) {
  const isSame = ({ match, type }) => type === "municipality" || !match || match.street !== "different";
  const same = candidates.filter(isSame);
  const close = candidates.filter((one) => one.score >= LEAST_ALIKE);
  return (same.length ? same : close).slice(0, MOST_CANDIDATES);
}

function side(name, ...content) {
  return h("div", { class: "side" }, h("dt", {}, name), h("dd", {}, content));
}

function label(...content) {
  return h("span", { class: "place-label" }, content);
}

function pointSide({ location }) {
  return [label(point(location.lon, location.lat)), h("span", { class: "quiet" }, located(location))];
}

function siteSide({ site }) {
  return [label(site.name), h("span", { class: "quiet" }, located({ type: "site" }))];
}

function found(verdict) {
  const { location } = verdict;
  if (!location.label) return h("span", { class: "nothing" }, msg.nothingFound(location));
  return [
    label(markedLabel(location.label, location.match, verdict)),
    h("span", { class: "quiet" }, msg.foundAs(verdict)),
    verdict.reason === "weak_match" && location.lon !== null && h("span", { class: "quiet" }, msg.LIKEST),
  ];
}

function line(agreement, text) {
  const sign = h("span", { class: "sign", "aria-hidden": "true" }, msg.SIGN[agreement]);
  return h("li", { class: `part-${agreement}` }, sign, h("span", {}, text));
}

/** What differs in a candidate, in words; null if nothing does. */
export function differing(match) {
  const told = match ? msg.differing(match) : "";
  return told ? h("span", { class: "quiet" }, told) : null;
}

/** A label whose differing parts are marked, if the evidence holds its parts. */
export function markedLabel(text, match, verdict) {
  const known = verdict.evidence.input.found?.candidates?.find((one) => one.label === text);
  if (!match || !known) return text;
  const pieces = [];
  let at = 0;
  for (const [name, field] of Object.entries(PIECES)) {
    const written = known[field] ?? "";
    const start = written && MARKED[match[name]] ? text.indexOf(written, at) : -1;
    if (start < 0) continue;
    pieces.push(text.slice(at, start), h(MARKED[match[name]], { class: "differs" }, written));
    at = start + written.length;
  }
  return [...pieces, text.slice(at)];
}
