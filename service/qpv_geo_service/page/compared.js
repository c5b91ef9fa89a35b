// Shows the address asked beside the one found, with the parts that differ: by sign and word, not by colour alone.

import * as msg from "./compared-messages.js";
import { h } from "./dom.js";
import { LABEL } from "./messages.js";

const PIECES = { number: "housenumber", street: "street", postcode: "postcode", city: "city" };
const MARKED = { different: "mark", spelling: "em" };

/** The address asked, the one found and how their parts agree; null if no address was asked about. */
export function comparison(verdict) {
  const { location, evidence } = verdict;
  if (!evidence.input.address) return null;
  const compared = msg.comparable(verdict);
  return h(
    "div",
    { class: "compared" },
    h(
      "dl",
      { class: "sides" },
      side(LABEL.asked, h("span", { class: "place-label" }, msg.asked(evidence.input))),
      side(LABEL.found, found(verdict)),
    ),
    compared.length > 0 && h("ul", { class: "parts", "aria-label": LABEL.compared }, compared.map(part)),
  );
}

function side(label, ...content) {
  return h("div", { class: "side" }, h("dt", {}, label), h("dd", {}, content));
}

function found(verdict) {
  const { location } = verdict;
  if (!location.label) return h("span", { class: "nothing" }, msg.nothingFound(location));
  return [
    h("span", { class: "place-label" }, markedLabel(location.label, location.match, verdict)),
    h("span", { class: "quiet" }, msg.foundAs(verdict)),
    verdict.reason === "weak_match" && location.lon !== null && h("span", { class: "quiet" }, msg.LIKEST),
  ];
}

function part({ name, agreement }) {
  const sign = h("span", { class: "sign", "aria-hidden": "true" }, msg.SIGN[agreement]);
  return h("li", { class: `part-${agreement}` }, sign, h("span", {}, msg.part(name, agreement)));
}

/** What differs in a candidate, in words; null if nothing does. */
export function differing(match) {
  const told = match ? msg.differing(match) : "";
  return told ? h("span", { class: "quiet" }, told) : null;
}

/** A label whose differing parts are marked, if the evidence holds its parts. */
export function markedLabel(label, match, verdict) {
  const known = verdict.evidence.input.found?.candidates?.find((one) => one.label === label);
  if (!match || !known) return label;
  const pieces = [];
  let at = 0;
  for (const [name, field] of Object.entries(PIECES)) {
    const text = known[field] ?? "";
    const start = text && MARKED[match[name]] ? label.indexOf(text, at) : -1;
    if (start < 0) continue;
    pieces.push(label.slice(at, start), h(MARKED[match[name]], { class: "differs" }, text));
    at = start + text.length;
  }
  return [...pieces, label.slice(at)];
}
