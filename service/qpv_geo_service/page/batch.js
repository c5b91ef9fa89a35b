// A list: sent as a job, followed, and given back with its summary.

import * as api from "./api.js";
import { addColumns, chooseColumns } from "./columns.js";
import { byId, h, tell } from "./dom.js";
import { failureNotice } from "./notice.js";
import { today } from "./question.js";
import { summaryCard } from "./summary.js";
import * as words from "./words.js";

const { BATCH } = words;
const POLL_MS = [400, 800, 1500];
const ENDED = new Set(["done", "failed"]);

/** Makes the form of lists work, and follows the job that the address of the page names, if it names one. */
export function startBatch() {
  const form = byId("batch");
  byId("batch-on").value = today();
  byId("file").addEventListener("change", offerColumns);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const order = ordered();
    if (order) send(order);
  });
  const id = new URLSearchParams(location.search).get("job");
  if (id) follow(id);
}

/** Asks the server how it reads the file that was chosen, and offers its columns. */
async function offerColumns() {
  const [file] = byId("file").files;
  const columns = byId("columns");
  columns.hidden = true;
  invalid(file && !/\.(csv|xlsx)$/i.test(file.name) ? BATCH.kind : null);
  if (!file || byId("file").hasAttribute("aria-invalid")) return;
  tell(byId("file-reading"), BATCH.reading);
  try {
    const reading = await api.reading(file);
    if (byId("file").files[0] === file) chooseColumns(columns, reading);
  } catch (failure) {
    invalid(failure.message);
  }
  tell(byId("file-reading"), null);
}

/** What the form asks for, or null once it has said what is missing. */
function ordered() {
  const [file] = byId("file").files;
  const order = new FormData();
  const missing = file ? addColumns(byId("columns"), order) : BATCH.needed;
  invalid(missing);
  if (missing) {
    byId("file").focus();
    return null;
  }
  order.set("file", file);
  order.set("on", byId("batch-on").value || today());
  return order;
}

function invalid(message) {
  if (message) byId("file").setAttribute("aria-invalid", "true");
  else byId("file").removeAttribute("aria-invalid");
  tell(byId("file-error"), message);
}

async function send(order) {
  const button = byId("batch").querySelector("[type=submit]");
  button.disabled = true;
  show(progressCard({ state: "sending" }));
  try {
    const job = await api.sendBatch(order);
    history.replaceState(null, "", `?job=${encodeURIComponent(job.id)}#liste`); // a reload finds it again
    await follow(job.id);
  } catch (failure) {
    show(failureNotice(failure));
  } finally {
    button.disabled = false;
  }
}

async function follow(id) {
  const card = progressCard({ state: "queued" });
  show(card);
  try {
    for (let turn = 0; ; turn++) {
      const job = await api.job(id);
      if (ENDED.has(job.state)) return show(ended(job));
      card.update(job);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS[Math.min(turn, POLL_MS.length - 1)]));
    }
  } catch (failure) {
    show(failureNotice(failure));
  }
}

function ended(job) {
  if (job.state === "failed") return failureNotice({ message: words.jobFailed(job.cause) });
  return summaryCard(job, api.downloadLink(BATCH.download, api.resultPath(job.id), { primary: true, name: job.file }));
}

function show(element) {
  byId("batch-answer").replaceChildren(element);
}

/** How far a job is; told aloud at each quarter only. */
function progressCard(first) {
  const bar = h("progress", { id: "progress", max: 1, "aria-label": BATCH.progress });
  const text = h("p", {});
  const aloud = h("p", { class: "visually-hidden", role: "status" });
  const card = h("div", { class: "card progress-card" }, h("h3", {}, BATCH.running), bar, text, aloud);
  card.update = (job) => {
    if (job.share > 0) bar.value = job.share;
    text.textContent = words.jobProgress(job);
    const quarter = words.jobProgress({ ...job, share: Math.floor((job.share ?? 0) * 4) / 4, rows: null });
    if (aloud.textContent !== quarter) aloud.textContent = quarter;
  };
  card.update(first);
  return card;
}
