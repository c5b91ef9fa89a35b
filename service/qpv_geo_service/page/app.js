// The page: one address, or a list.

import * as answers from "./answer-messages.js";
import * as api from "./api.js";
import { answerCard } from "./answer.js";
import { offerSchemes, startBatch } from "./batch.js";
import * as said from "./decision-messages.js";
import { unanswered } from "./decision.js";
import { byId, h, tell } from "./dom.js";
import { mark, stopped, wrongDate } from "./fields.js";
import { errorCard } from "./error-card.js";
import { comparedGenerations } from "./generations.js";
import { hasMap, PlaceMap } from "./map.js";
import { answering, fromParameters, isSameCase, placeOf, textOf, today, toParameters } from "./question.js";
import { keepRecent, recentChecks } from "./recent.js";
import { offerToKeep, startRegister } from "./register.js";
import { SiteField } from "./site.js";
import { combobox } from "./suggest.js";
import * as msg from "./messages.js";

const form = byId("check");
const [place, on, scheme, amount] = ["place", "on", "scheme", "amount"].map(byId);
const TITLE = document.title;
const { refused: message, refusedWhy: command } = document.documentElement.dataset;
const REFUSED = { message, command, search: location.search }; // by the server
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
  chosen: (suggestion) => {
    chosen = suggestion;
    submit();
  },
  changed: () => {
    chosen = null;
    mark(place, null);
  },
});

const site = new SiteField(() => mark(place, null));

/** The question in the form; null if a field is wrong, which is then marked. */
function asked() {
  const where = site.value ? { site: site.value } : typed();
  mark(place, where.q !== undefined && where.q.length < 3 ? msg.PLACE_NEEDED : null);
  mark(on, wrongDate(on));
  const euros = readAmount();
  if (stopped(form)) return null;
  const citycode = where.q && chosen?.label === where.q ? chosen.citycode : null;
  const question = { ...where, citycode, on: on.value || today(), scheme: scheme.value, amount: euros };
  return isSameCase(question, current) && !current.refused ? { ...question, answers: current.answers } : question;
}

/** The place typed; a point of the map stays that point as long as its text is not edited. */
function typed() {
  const { lon, lat } = current;
  return lon && place.value === textOf(current) ? { lon, lat } : placeOf(place.value);
}

function submit() {
  const question = asked();
  if (question) ask(question);
  else openOptions(true); // the wrong field may be folded
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
  document.title = TITLE;
  setAnswered(true);
  byId("answer").replaceChildren(errorCard(failure));
  showRecent();
  goToAnswer();
}

function show(question, { verdict, text }, { focus, quiet }) {
  if (record) URL.revokeObjectURL(record);
  record = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const query = `?${toParameters(question)}`;
  const page = new URL(query, location.href).href;
  const words = placeWords(question, verdict);
  setAnswered(true);
  document.title = answers.title(verdict, words);
  const map = mapFor(question, verdict);
  inPlace(() => {
    const card = answerCard({
      asked: question,
      verdict,
      place: words,
      links: question.site ? { record } : { page, fiche: api.fichePath(question), record },
      map: map?.element,
      generations: comparedGenerations(question, verdict, (other) => map?.compare(other)),
      again: (one) => ask({ ...question, q: one.label, citycode: one.citycode, answers: [] }),
      frame: (code) => map?.show(code),
      scheme: { answer, clear, askAmount: () => (openOptions(true), amount.focus()) },
    });
    card.classList.toggle("still", quiet);
    offerToKeep(card, question, verdict);
    byId("answer").replaceChildren(card);
  });
  if (!question.site) keepRecent({ query, label: words, status: verdict.status, on: verdict.on });
  showRecent(query);
  if (focus) byId("verdict").focus({ preventScroll: true });
  if (quiet) tellOutcome(verdict);
  else goToAnswer();
}

/** The words that name the place: those found for an address, the name of a site, or the coordinates. */
function placeWords(question, { location: found }) {
  return question.site?.name ?? found.label ?? question.q ?? answers.point(found.lon, found.lat);
}

/** The form is compact once there is an answer, so that both are in view. */
function setAnswered(isAnswered) {
  document.body.classList.toggle("answered", isAnswered);
  if (!isAnswered) document.title = TITLE;
}

/** Puts the top of the form, and so the answer below it, at the top of the window. */
function goToAnswer() {
  const top = form.getBoundingClientRect().top + window.scrollY;
  window.scrollTo({ top: Math.max(top - 8, 0), behavior: "instant" });
}

function showRecent(query = null) {
  byId("recent").replaceChildren(...[recentChecks(query, () => showRecent(query))].filter(Boolean));
}

/** Unfolds or folds the fields beside the place, where the form is compact. */
function openOptions(isOpen) {
  form.classList.toggle("is-open", isOpen);
  byId("more").setAttribute("aria-expanded", String(isOpen));
}

/** The map of a verdict, or null; the same one as long as only the amount or the answers change. */
function mapFor(question, verdict) {
  if (drawn.map && isSameCase(question, drawn.question)) return drawn.map;
  drawn.map?.remove();
  drawn = { question, map: hasMap(verdict) ? new PlaceMap(verdict, askAgain(question)) : null };
  return drawn.map;
}

/** What the map calls to ask about another point, or a site drawn on it, on the same date and for the same scheme. */
function askAgain({ on: day, scheme: id, generation }) {
  return ({ drawn: polygon, ...where }) => {
    const outline = polygon && { name: msg.SITE.drawn, text: JSON.stringify(polygon) };
    ask({ ...(outline ? { site: outline } : where), on: day, scheme: id, generation, answers: [] });
  };
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

/** Whether the URL is the one that the server did not understand. */
function isRefused() {
  return Boolean(REFUSED.message) && location.search === REFUSED.search;
}

/** Runs the question of the URL, or clears the answer if there is none. */
function runAddress(question) {
  const quiet = isSameCase(question ?? {}, current);
  current = isRefused() ? {} : (question ?? {});
  rest();
  fill(question ?? {});
  if (isRefused()) refuse(new api.Failure(REFUSED));
  else if (question && !stopped(form)) run(question, { focus: false, quiet });
  else clearAnswer();
}

function clearAnswer() {
  drawn.map?.remove();
  drawn = {};
  byId("answer").replaceChildren();
  setAnswered(false);
  openOptions(false);
  showRecent();
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
  byId("amount-field").hidden = one ? !most : !scheme.value || !amount.value;
}

/** The cap per project on a day, else that of another period; undefined if the scheme has none. */
function capOn(amounts, day) {
  const capped = amounts.filter((one) => one.max_eur);
  const holds = ({ start, end }) => (!start || start <= day) && (!end || day <= end);
  return (capped.find(holds) ?? capped[0])?.max_eur;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
byId("more").addEventListener("click", () => openOptions(!form.classList.contains("is-open")));
scheme.addEventListener("change", tellScheme);
on.addEventListener("input", () => {
  mark(on, null);
  tellScheme();
});
amount.addEventListener("input", () => mark(amount, null));
window.addEventListener("popstate", () => {
  const question = addressed();
  const [there, here] = [question ?? {}, current].map((one) => String(toParameters(one)));
  if (there !== here || isRefused()) runAddress(question); // ignore links within the page
});

on.value = today();
startBatch();
startRegister();
const linked = addressed();
if (linked || isRefused()) runAddress(linked);
else showRecent();
fillSchemes();
