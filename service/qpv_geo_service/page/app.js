// The page: one address, or a list.

import * as api from "./api.js";
import { answerCard } from "./answer.js";
import { startBatch } from "./batch.js";
import { byId, h, tell } from "./dom.js";
import { mark, stopped, wrongDate } from "./fields.js";
import { errorCard } from "./error-card.js";
import { mapOf } from "./map.js";
import { fromParameters, placeOf, textOf, today, toParameters } from "./question.js";
import { combobox } from "./suggest.js";
import * as msg from "./messages.js";

const form = byId("check");
const [place, on, scheme] = ["place", "on", "scheme"].map(byId);
let chosen = null; // the suggestion that was chosen, until the text is edited
let request = null;
let record = null;
let counts = {}; // schemes by id
let current = ""; // the question in the URL, as query parameters; empty if there is none

combobox({
  input: place,
  list: byId("suggestions"),
  status: byId("suggest-status"),
  search: api.suggest,
  asks: (text) => Boolean(placeOf(text).q),
  chosen: (suggestion) => (chosen = suggestion),
  changed: () => {
    chosen = null;
    mark(place, null);
  },
});

/** The question in the form; null if a field is wrong, which is then marked. */
function asked() {
  const where = placeOf(place.value);
  mark(place, where.q !== undefined && where.q.length < 3 ? msg.PLACE_NEEDED : null);
  mark(on, wrongDate(on));
  if (stopped(form)) return null;
  const citycode = chosen?.label === where.q ? chosen?.citycode : null;
  return { ...where, citycode, on: on.value || today(), scheme: scheme.value };
}

/** Asks a question and shows the answer; `focus` moves the focus to it. */
async function run(question, { focus }) {
  request?.abort();
  const controller = (request = new AbortController());
  byId("working").textContent = msg.WORKING;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await api.check(question, controller.signal);
    if (request === controller) show(question, answer, focus);
  } catch (failure) {
    if (request === controller) byId("answer").replaceChildren(errorCard(failure));
  }
  if (request === controller) rest();
}

/** Aborts the request in progress and clears the busy state. */
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
  const drawn = verdict.location.lon !== null && verdict.generation;
  const card = answerCard({
    verdict,
    links: { page, fiche: api.fichePath(question), record },
    map: drawn ? mapOf(verdict) : null,
    again: (one) => ask({ ...question, q: one.label, citycode: one.citycode }),
  });
  byId("answer").replaceChildren(card);
  if (focus) byId("verdict").focus();
}

/** Fills the form, asks the question and puts it in the URL, which keeps its job. */
function ask(question) {
  fill(question);
  const parameters = toParameters(question);
  if (current !== String(parameters)) {
    current = String(parameters);
    const job = new URLSearchParams(location.search).get("job");
    if (job) parameters.set("job", job);
    history.pushState(null, "", `?${parameters}`);
  }
  run(question, { focus: true });
}

function fill(question) {
  place.value = textOf(question);
  chosen = question.citycode ? { label: question.q, citycode: question.citycode } : null;
  on.value = question.on ?? today();
  mark(place, null);
  mark(on, on.value ? wrongDate(on) : msg.DATE_NEEDED);
  choose(question.scheme ?? "");
}

/** Selects a scheme, even if the server has not listed it yet. */
function choose(id) {
  if ([...scheme.options].every((one) => one.value !== id)) scheme.append(h("option", { value: id }, id));
  scheme.value = id;
  tellScheme();
}

/** The question in the URL, by default dated today; null if there is none. */
function addressed() {
  const question = fromParameters(location.search);
  return question && { ...question, on: question.on ?? today() };
}

/** Runs the question of the URL, or clears the answer if there is none. */
function runAddress(question) {
  current = String(toParameters(question ?? {}));
  rest();
  fill(question ?? {});
  if (question && !stopped(form)) run(question, { focus: false });
  else byId("answer").replaceChildren();
}

async function fillSchemes() {
  try {
    const found = await api.schemes();
    counts = Object.fromEntries(found.map((one) => [one.id, one]));
    const held = scheme.value;
    const options = found.map((one) => h("option", { value: one.id }, one.label));
    scheme.replaceChildren(scheme.options[0], ...options);
    choose(held);
  } catch {
    scheme.disabled = true; // the check itself will report what is wrong with the server
  }
}

function tellScheme() {
  const one = counts[scheme.value];
  tell(byId("scheme-hint"), one?.summary);
  tell(byId("on-hint"), one && msg.dateCounts(one.dates.counts));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = asked();
  if (question) ask(question);
});
scheme.addEventListener("change", tellScheme);
on.addEventListener("input", () => mark(on, null));
window.addEventListener("popstate", () => {
  const question = addressed();
  if (String(toParameters(question ?? {})) !== current) runAddress(question); // ignore links within the page
});

on.value = today();
startBatch();
const linked = addressed();
if (linked) runAddress(linked);
fillSchemes();
