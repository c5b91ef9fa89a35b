// The page: one address, or a list.

import * as api from "./api.js";
import { answerCard } from "./answer.js";
import { startBatch } from "./batch.js";
import { byId, h, tell } from "./dom.js";
import { failureNotice } from "./notice.js";
import { mapOf } from "./map.js";
import { fromParameters, placeOf, textOf, today, toParameters } from "./question.js";
import { combobox } from "./suggest.js";
import * as words from "./words.js";

const form = byId("check");
const [place, on, scheme] = ["place", "on", "scheme"].map(byId);
let chosen = null; // the suggestion that the address box holds as it is
let request = null;
let record = null;
let counts = {}; // by scheme: what the date must be the date of

combobox({
  input: place,
  list: byId("suggestions"),
  status: byId("suggest-status"),
  search: api.suggest,
  asks: (text) => Boolean(placeOf(text).q),
  chosen: (suggestion) => (chosen = suggestion),
  changed: () => {
    chosen = null;
    invalid(place, null);
  },
});

/** The question that the form holds, or null once it has said what is missing. */
function asked() {
  const where = placeOf(place.value);
  invalid(place, where.q !== undefined && where.q.length < 3 ? words.PLACE_NEEDED : null);
  invalid(on, on.validity.badInput ? words.DATE_NEEDED : null);
  const wrong = form.querySelector("[aria-invalid]");
  if (wrong) {
    wrong.focus();
    return null;
  }
  const citycode = chosen?.label === where.q ? chosen?.citycode : null;
  return { ...where, citycode, on: on.value || today(), scheme: scheme.value };
}

function invalid(field, message) {
  if (message) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  tell(byId(`${field.id}-error`), message);
}

/** Asks a question and shows the answer; `focus` takes the reader to it. */
async function run(question, { focus }) {
  request?.abort();
  const controller = (request = new AbortController());
  byId("working").textContent = words.WORKING;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await api.check(question, controller.signal);
    if (request === controller) show(question, answer, focus);
  } catch (failure) {
    if (request === controller) byId("answer").replaceChildren(failureNotice(failure));
  }
  if (request === controller) rest();
}

/** Says that nothing is under way, and stops what was. */
function rest() {
  request?.abort();
  request = null;
  byId("working").textContent = "";
  form.removeAttribute("aria-busy");
}

function show(question, { verdict, text }, focus) {
  if (record) URL.revokeObjectURL(record);
  record = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const page = new URL(`?${toParameters(question)}`, location.href).href;
  const drawn = verdict.location && verdict.generation;
  const card = answerCard({
    verdict,
    links: { page, fiche: api.fichePath(question), record },
    map: drawn ? mapOf(verdict) : null,
    again: (one) => ask({ ...question, q: one.label, citycode: one.citycode }),
  });
  byId("answer").replaceChildren(card);
  if (focus) byId("verdict").focus();
}

/** Fills the form, asks, and puts the question in the address of the page. */
function ask(question) {
  fill(question);
  history.pushState(null, "", `?${toParameters(question)}`);
  run(question, { focus: true });
}

function fill(question) {
  place.value = textOf(question);
  chosen = question.citycode ? { label: question.q, citycode: question.citycode } : null;
  on.value = question.on ?? today();
  scheme.value = question.scheme ?? "";
  tellScheme();
}

/** Runs the question that the address of the page holds, if it holds one. */
function runAddress() {
  const question = fromParameters(location.search);
  if (!question) {
    rest();
    byId("answer").replaceChildren();
    return;
  }
  question.on ??= today();
  fill(question);
  run(question, { focus: false });
}

async function fillSchemes() {
  try {
    const found = await api.schemes();
    counts = Object.fromEntries(found.map((one) => [one.id, one]));
    scheme.append(...found.map((one) => h("option", { value: one.id }, one.label)));
  } catch {
    scheme.disabled = true; // the check itself will say what is wrong with the server
  }
}

function tellScheme() {
  const one = counts[scheme.value];
  tell(byId("scheme-hint"), one?.summary);
  tell(byId("on-hint"), one && words.dateCounts(one.dates.counts));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = asked();
  if (question) ask(question);
});
scheme.addEventListener("change", tellScheme);
window.addEventListener("popstate", runAddress);

on.value = today();
startBatch();
await fillSchemes();
runAddress();
