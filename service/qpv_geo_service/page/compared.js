// Shows what was asked beside what was found, and which part of it differs: by a sign and a word, not by colour alone.

import * as msg from "./compared-messages.js";
import { h } from "./dom.js";
import { LABEL } from "./messages.js";

const PIECES = { number: "housenumber", street: "street", postcode: "postcode", city: "city" };
const MARKED = { different: "mark", spelling: "em" };

/** The two sides of an address, and how its parts agree; null where coordinates or a site were asked about. */
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

/** What differs of a candidate, in words, or null where nothing does. */
export function differing(match) {
  const told = match ? msg.differing(match) : "";
  return told ? h("span", { class: "quiet" }, told) : null;
}

/** A label in which the parts that differ are marked, where the evidence tells them apart. */
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
