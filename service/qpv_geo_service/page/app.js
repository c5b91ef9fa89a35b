// The page: one address, or a list.

import * as api from "./api.js";
import { answerCard } from "./answer.js";
import { offerSchemes, startBatch } from "./batch.js";
import * as said from "./decision-messages.js";
import { unanswered } from "./decision.js";
import { byId, h, tell } from "./dom.js";
import { mark, stopped, wrongDate } from "./fields.js";
import { errorCard } from "./error-card.js";
import { mapOf } from "./map.js";
import { answering, fromParameters, isSameCase, placeOf, textOf, today, toParameters } from "./question.js";
import { offerToKeep, startRegister } from "./register.js";
import { SiteField } from "./site.js";
import { combobox } from "./suggest.js";
import * as msg from "./messages.js";

const form = byId("check");
const [place, on, scheme, amount] = ["place", "on", "scheme", "amount"].map(byId);
let chosen = null; // the suggestion that was chosen, until the text is edited
let request = null;
let record = null;
let known = {}; // schemes by id
let current = {}; // the question in the URL; empty if there is none
let drawn = {}; // the last map and its case, kept while questions about it are answered

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

const site = new SiteField(() => mark(place, null));

/** The question in the form; null if a field is wrong, which is then marked. */
function asked() {
  const where = site.value ? { site: site.value } : placeOf(place.value);
  mark(place, where.q !== undefined && where.q.length < 3 ? msg.PLACE_NEEDED : null);
  mark(on, wrongDate(on));
  const euros = readAmount();
  if (stopped(form)) return null;
  const citycode = where.q && chosen?.label === where.q ? chosen.citycode : null;
  const question = { ...where, citycode, on: on.value || today(), scheme: scheme.value, amount: euros };
  return isSameCase(question, current) && !current.refused ? { ...question, answers: current.answers } : question;
}

/** The amount in the form, null if there is none; a wrong one is marked. */
function readAmount() {
  const typed = byId("amount-field").hidden ? "" : amount.value.trim();
  const euros = said.amountOf(typed);
  mark(amount, typed && !euros ? said.AMOUNT_WRONG : null);
  return euros;
}

/** Asks a question and shows the answer; `focus` moves the focus to it, `quiet` keeps the reader where they are. */
async function run(question, { focus, quiet = false }) {
  request?.abort();
  const controller = (request = new AbortController());
  byId("working").textContent = quiet ? "" : msg.WORKING;
  byId("outcome").textContent = "";
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await api.check(question, controller.signal);
    if (request === controller) show(question, answer, { focus, quiet });
  } catch (failure) {
    if (request === controller) refuse(failure);
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

/** Shows why there is no answer; answers that the server may have refused are not given again. */
function refuse(failure) {
  current.refused = failure.status === 422;
  byId("answer").replaceChildren(errorCard(failure));
}

function show(question, { verdict, text }, { focus, quiet }) {
  if (record) URL.revokeObjectURL(record);
  record = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const page = new URL(`?${toParameters(question)}`, location.href).href;
  inPlace(() => {
    const card = answerCard({
      verdict,
      links: question.site ? { record } : { page, fiche: api.fichePath(question), record },
      map: mapFor(question, verdict),
      again: (one) => ask({ ...question, q: one.label, citycode: one.citycode, answers: [] }),
      scheme: { answer, clear, askAmount: () => amount.focus() },
    });
    card.classList.toggle("still", quiet);
    offerToKeep(card, question, verdict);
    byId("answer").replaceChildren(card);
  });
  if (focus) byId("verdict").focus();
  if (quiet) tellOutcome(verdict);
}

/** The map of a verdict, or null; the same one as long as only the amount or the answers change. */
function mapFor(question, verdict) {
  if (verdict.location.lon === null || !verdict.generation) return null;
  if (!drawn.map || !isSameCase(question, drawn.question)) drawn = { question, map: mapOf(verdict) };
  return drawn.map;
}

/** Replaces the answer (its map moves to the new one) around the element that has the focus, found again by its id. */
function inPlace(replace) {
  const held = byId("answer").contains(document.activeElement) ? document.activeElement : null;
  const before = held?.getBoundingClientRect().top;
  replace();
  const again = held?.id && byId(held.id);
  if (!again) return;
  again.focus({ preventScroll: true });
  window.scrollBy({ top: again.getBoundingClientRect().top - before, behavior: "instant" });
}

function tellOutcome({ schemes = [] }) {
  byId("outcome").textContent = schemes.map((one) => said.announced(one, unanswered(one))).join(" ");
}

/** Answers a question of a scheme by "oui" or "non", or takes its answer back. */
function answer(id, word) {
  askInPlace(answering(current.answers, id, word));
}

/** Takes back the answers to the questions of a decision. */
function clear({ scheme: id }) {
  byId(`decision-${id}`).focus({ preventScroll: true });
  askInPlace([]);
}

/** Asks the question again with other answers, and the amount as typed; the rest of the form is left as it is. */
function askInPlace(answers) {
  const euros = byId("amount-field").hidden ? current.amount : readAmount();
  if (!stopped(form)) goTo({ ...current, amount: euros, answers }, { focus: false, quiet: true });
}

/** Fills the form and asks the question. */
function ask(question) {
  fill(question);
  goTo(question, { focus: true });
}

/** Asks the question and puts it in the URL, which keeps its job. */
function goTo(question, how) {
  const parameters = toParameters(question);
  const isNew = String(toParameters(current)) !== String(parameters);
  current = question;
  if (isNew && !question.site) {
    const job = new URLSearchParams(location.search).get("job");
    if (job) parameters.set("job", job);
    history.pushState(null, "", `?${parameters}`);
  }
  run(question, how);
}

function fill(question) {
  site.set(question.site ?? null);
  place.value = textOf(question);
  chosen = question.citycode ? { label: question.q, citycode: question.citycode } : null;
  on.value = question.on ?? today();
  mark(place, null);
  mark(on, on.value ? wrongDate(on) : msg.DATE_NEEDED);
  amount.value = said.amountText(question.amount ?? "");
  mark(amount, question.amount && !said.amountOf(question.amount) ? said.AMOUNT_WRONG : null);
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
  const quiet = isSameCase(question ?? {}, current);
  current = question ?? {};
  rest();
  fill(question ?? {});
  if (question && !stopped(form)) run(question, { focus: false, quiet });
  else byId("answer").replaceChildren();
}

async function fillSchemes() {
  try {
    const found = await api.schemes();
    known = Object.fromEntries(found.map((one) => [one.id, one]));
    const held = scheme.value;
    const options = found.map((one) => h("option", { value: one.id }, one.label));
    scheme.replaceChildren(scheme.options[0], ...options);
    choose(held);
    offerSchemes(found);
  } catch {
    scheme.disabled = true; // the check itself will report what is wrong with the server
  }
}

function tellScheme() {
  const one = known[scheme.value];
  tell(byId("scheme-hint"), one?.summary);
  tell(byId("on-hint"), one && said.dateCounts(one.dates.counts));
  const most = one && capOn(one.amounts, on.value || today());
  tell(byId("amount-hint"), most && said.cap(most));
  byId("amount-field").hidden = one ? !most : !amount.value;
}

/** The cap per project on a day, else that of another period; undefined if the scheme has none. */
function capOn(amounts, day) {
  const capped = amounts.filter((one) => one.max_eur);
  const holds = ({ start, end }) => (!start || start <= day) && (!end || day <= end);
  return (capped.find(holds) ?? capped[0])?.max_eur;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = asked();
  if (question) ask(question);
});
scheme.addEventListener("change", tellScheme);
on.addEventListener("input", () => {
  mark(on, null);
  tellScheme();
});
amount.addEventListener("input", () => mark(amount, null));
window.addEventListener("popstate", () => {
  const question = addressed();
  const [there, here] = [question ?? {}, current].map((one) => String(toParameters(one)));
  if (there !== here) runAddress(question); // ignore links within the page
});

on.value = today();
startBatch();
startRegister();
const linked = addressed();
if (linked) runAddress(linked);
fillSchemes();
