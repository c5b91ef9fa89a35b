// A list: submitted as a job, followed, and returned with its summary.

import * as api from "./api.js";
import { addColumns, choice, chooseColumns } from "./columns.js";
import { byId, h, tell } from "./dom.js";
import { sentence } from "./failures.js";
import { mark, stopped, wrongDate } from "./fields.js";
import { errorCard } from "./error-card.js";
import { listMap } from "./list-map.js";
import { LIST } from "./list-messages.js";
import { written } from "./list-chosen.js";
import { rowsToVerify } from "./list-rows.js";
import { today } from "./question.js";
import { summaryCard } from "./summary.js";
import * as msg from "./messages.js";

const { BATCH } = msg;
const POLL_MS = [400, 800, 1500];
const [GONE, GOES_ON] = [404, 409]; // a failed resume: the job has expired, or was resumed elsewhere
const ENDED = new Set(["done", "failed"]);
const LISTED = 1000; // rows to verify, and points, asked for
let followed = null; // id of the job shown
let chosen = new Map(); // addresses chosen in place of those of the file, by position of the row
let awaited = null; // name of the file of answers whose choices await the file that was sent

/** Sets up the form of lists, and follows the job in the URL, if any. */
export function startBatch() {
  const form = byId("batch");
  byId("batch-on").value = today();
  byId("file").addEventListener("change", offerColumns);
  byId("batch-on").addEventListener("input", () => mark(byId("batch-on"), null));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const order = ordered();
    if (order) send(order);
  });
  const id = new URLSearchParams(location.search).get("job");
  if (id) follow(id, { inView: location.hash === "#liste" });
}

/** Asks the server how it reads the chosen file, and offers its columns. */
async function offerColumns() {
  const [file] = byId("file").files;
  const columns = byId("columns");
  columns.hidden = true;
  columns.replaceChildren();
  if (!file || awaited !== answersName(file)) {
    followed = null;
    chosen = new Map();
    byId("batch-answer").replaceChildren();
  }
  awaited = null;
  tell(byId("file-reading"), null);
  mark(byId("file"), file ? wrongKind(file) : null);
  if (!file || wrongKind(file)) return;
  tell(byId("file-reading"), BATCH.reading);
  try {
    const reading = await api.reading(file);
    if (byId("file").files[0] === file) chooseColumns(columns, reading);
  } catch (failure) {
    if (byId("file").files[0] === file) mark(byId("file"), failure.message);
  }
  if (byId("file").files[0] === file) tell(byId("file-reading"), null);
}

/** Offers the schemes of the server, each of which may have a column in the answer. */
export function offerSchemes(schemes) {
  const box = ({ id }) => h("input", { type: "checkbox", id: `batch-scheme-${id}`, value: id });
  const choices = byId("batch-schemes").querySelector(".choices");
  choices.replaceChildren(...schemes.map((one) => choice(box(one), one.label)));
  byId("batch-schemes").hidden = !schemes.length;
}

function answersName({ name }) {
  return name.replace(/(\.[^.]*)$/, "-qpv$1");
}

function wrongKind(file) {
  return /\.(csv|xlsx)$/i.test(file.name) ? null : BATCH.kind;
}

/** The data of the form; null if a field is wrong, which is then marked. */
function ordered() {
  const [file] = byId("file").files;
  const order = new FormData();
  const missing = file ? (wrongKind(file) ?? addColumns(byId("columns"), order)) : BATCH.needed;
  mark(byId("file"), missing);
  mark(byId("batch-on"), wrongDate(byId("batch-on")));
  if (stopped(byId("batch"))) return null;
  order.set("file", file);
  if (chosen.size) order.set("corrections", written(chosen));
  order.set("on", byId("batch-on").value || today());
  for (const { value } of byId("batch-schemes").querySelectorAll(":checked")) order.append("scheme", value);
  if (!order.has("scheme")) order.delete("amount_column"); // only schemes look at amounts
  return order;
}

async function send(order) {
  const button = byId("batch").querySelector("[type=submit]");
  button.disabled = true;
  show(progressCard({ state: "sending" }));
  goToAnswer();
  try {
    const job = await api.sendBatch(order);
    const address = new URL(location.href);
    address.searchParams.set("job", job.id); // a reload finds the job again; the question in the URL is kept
    address.hash = "liste";
    history.replaceState(null, "", address);
    await follow(job.id);
  } catch (failure) {
    show(errorCard(failure));
  } finally {
    button.disabled = false;
  }
}

/** Follows a job to its end, which comes into view unless the reader is elsewhere. */
async function follow(id, { inView = true } = {}) {
  const card = progressCard({ state: "queued" });
  followed = id;
  show(card);
  try {
    for (let turn = 0; ; turn++) {
      const job = await api.job(id);
      if (followed !== id) return;
      if (ENDED.has(job.state)) {
        show(ended(job));
        if (inView) goToAnswer();
        return;
      }
      card.update(job);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS[Math.min(turn, POLL_MS.length - 1)]));
    }
  } catch (failure) {
    if (followed === id) show(errorCard(failure));
  }
}

function ended(job) {
  if (job.links.resume) return stoppedNotice(job);
  if (job.state === "failed") return errorCard({ message: sentence(msg.jobFailed(job.cause)) });
  const rows = h("div", {});
  showRows(job, rows);
  return summaryCard(job, downloads(job), rows);
}

/** The file of answers in the format that was sent, and in the other one. */
function downloads({ id, file }) {
  const [stem, own] = [file.replace(/\.[^.]*$/, ""), file.endsWith(".xlsx") ? "xlsx" : "csv"];
  const link = (format) =>
    api.downloadLink(format === own ? BATCH.download : LIST[format], api.resultPath(id, format), { primary: format === own, name: `${stem}.${format}` });
  return [own, own === "csv" ? "xlsx" : "csv"].map(link);
}

/** Shows the rows to verify of a job, and its map, in an element. */
async function showRows(job, element) {
  try {
    const found = await api.listedRows(job.id, LISTED);
    const hasAddresses = Boolean(job.columns?.address);
    chosen = new Map(found.corrections.map((one) => [one.position, one]));
    const rows = rowsToVerify(found, { hasAddresses, chosen, apply: () => applyChosen(job, element) });
    element.replaceChildren(...[listMap(found.points, LISTED), rows].filter(Boolean));
  } catch (failure) {
    element.replaceChildren(errorCard(failure));
  }
}

/** Checks the list again with the addresses chosen for some of its rows. */
function applyChosen(job, element) {
  if (!byId("file").files[0]) {
    awaited = job.file;
    mark(byId("file"), LIST.again);
    byId("file").focus();
    return;
  }
  const order = ordered();
  if (!order) return;
  element.inert = true;
  send(order);
}

/** The notice for a list stopped by the geocoder or by missing data, with the ways to resume. */
function stoppedNotice(job) {
  const way = (label, options) => h("button", { type: "button", onclick: () => resume(job, options) }, label);
  const again = way(BATCH.resume, { offline: false });
  const command = job.remedy;
  if (command) {
    const once = command.includes("addresses") ? BATCH.onceOr : BATCH.once;
    const ways = [h("p", {}, once), h("div", { class: "summary-link" }, again)];
    return errorCard({ message: msg.jobWants(job, job.cause), command }, ways);
  }
  return errorCard(
    { message: msg.jobStopped(job) },
    h("p", {}, msg.tied(BATCH.ways)),
    h("div", { class: "summary-link" }, again, way(BATCH.offline, { offline: true })),
  );
}

async function resume(job, options) {
  show(progressCard({ state: "queued" }));
  try {
    await api.resume(job.id, options);
    if (followed === job.id) await follow(job.id);
  } catch (failure) {
    if (followed !== job.id) return;
    if (failure.status === GOES_ON) await follow(job.id);
    else show(errorCard(failure), failure.status === GONE ? "" : stoppedNotice(job));
  }
}

function show(...elements) {
  byId("batch-answer").replaceChildren(...elements);
}

function goToAnswer() {
  byId("batch-answer").scrollIntoView({ block: "start", behavior: "instant" });
}

/** The progress of a job; screen readers announce each quarter only. */
function progressCard(first) {
  const bar = h("progress", { id: "progress", max: 1, "aria-label": BATCH.progress });
  const text = h("p", {});
  const aloud = h("p", { class: "visually-hidden", role: "status" });
  const card = h("div", { class: "card progress-card" }, h("h3", {}, BATCH.running), bar, text, aloud);
  card.update = (job) => {
    if (job.share > 0) bar.value = job.share;
    text.textContent = msg.jobProgress(job);
    const quarter = msg.jobProgress({ ...job, share: Math.floor((job.share ?? 0) * 4) / 4, rows: null });
    if (aloud.textContent !== quarter) aloud.textContent = quarter;
  };
  card.update(first);
  return card;
}
