// Client of the HTTP API. Paths are relative, so that the page works behind a proxy's prefix.

import { suggested } from "./answer-messages.js";
import { h } from "./dom.js";
import { byLabels, explain, UNREACHABLE, WRONG_KEY } from "./failures.js";
import { toParameters } from "./question.js";

const KEY = "qpv-geo-key";

/** A failed request: `message` is for the reader, `command` for the administrator of the server. */
export class Failure extends Error {
  constructor({ message, command = null, status = 0 }) {
    super(message);
    this.command = command;
    this.status = status;
  }
}

/** The verdict of a question, and its raw text: reformatted numbers would change its digest. */
export async function check(question, signal) {
  const { site } = question;
  const sent = site && { method: "POST", body: new Blob([site.text], { type: "application/geo+json" }) };
  const response = await ask(`v1/check?${toParameters(question)}`, { signal, ...sent });
  const text = await response.text();
  return { verdict: JSON.parse(text), text };
}

export function fichePath(question) {
  return `v1/fiche?${toParameters(question)}`;
}

export async function suggest(text, signal) {
  const found = await json(`v1/suggest?${new URLSearchParams({ q: text, limit: 6 })}`, { signal });
  return found.features.map(({ geometry, properties }) => ({
    label: properties.label,
    citycode: properties.citycode ?? null,
    detail: suggested(properties, geometry),
  }));
}

export function schemes() {
  return json("v1/schemes");
}

/** The perimeters of a generation, as GeoJSON, in a `bbox` or of a `commune`. */
export function perimeters(where, generation, signal) {
  return json(`v1/perimeters?${new URLSearchParams({ ...where, generation })}`, { signal });
}

/** The addresses that the server knows in a box, as GeoJSON features, from its centre out. */
export async function addresses(bbox, signal) {
  return (await json(`v1/addresses?${new URLSearchParams({ bbox, limit: 600 })}`, { signal })).features;
}

/** How the server would read a file: `{header, columns, problem}`; `misread` if the header seems to be elsewhere. */
export async function reading(file) {
  const form = new FormData();
  form.set("file", file);
  form.set("dry_run", "true");
  form.set("replace_columns", "true"); // earlier answers in the file must not keep it from being read
  const found = await json("v1/batch", { method: "POST", body: form });
  return { ...found, problem: byLabels(found.problem), misread: /«\sheader_row=/.test(found.problem) };
}

/** Submits a file as a job; `form` is a `FormData`. */
export function sendBatch(form) {
  form.set("job", "true");
  return json("v1/batch", { method: "POST", body: form });
}

export async function job(id) {
  const found = await json(jobPath(id));
  return { ...found, cause: byLabels(found.cause) };
}

/** Resumes a stopped job; `offline` skips the national service. */
export function resume(id, { offline }) {
  return json(`${jobPath(id)}${offline ? "?offline=true" : ""}`, { method: "POST" });
}

/** The rows to verify of a finished job, and the points of its rows: at most `limit` of each. */
export function listedRows(id, limit) {
  return json(`${jobPath(id)}/rows?limit=${limit}`);
}

export function resultPath(id, format) {
  return `${jobPath(id)}/result?format=${format}`;
}

function jobPath(id) {
  return `v1/batch/${encodeURIComponent(id)}`;
}

/** A link to a file on the server; with an API key, which a link cannot carry, the file is fetched instead. */
export function downloadLink(label, path, { primary = false, name = "" } = {}) {
  const fetched = async (event) => {
    if (!key()) return;
    event.preventDefault();
    const content = URL.createObjectURL(await (await ask(path)).blob());
    h("a", { href: content, download: name || "fiche.pdf" }).click();
    setTimeout(() => URL.revokeObjectURL(content), 60_000);
  };
  return h("a", { class: primary ? "button primary" : "button", href: path, download: name, onclick: fetched }, label);
}

/** Keeps the API key until the tab is closed. */
export function keepKey(value) {
  sessionStorage.setItem(KEY, value);
}

function key() {
  return sessionStorage.getItem(KEY);
}

/** Whether the reader has given an API key. */
export function hasKey() {
  return Boolean(key());
}

/** The JSON that a path of the API answers; throws a `Failure`. */
export async function json(path, options) {
  return (await ask(path, options)).json();
}

/** Sends a request; throws a `Failure` unless it succeeds. */
async function ask(path, options = {}) {
  const headers = { Accept: "application/json", ...(key() && { "X-API-Key": key() }) };
  let response;
  try {
    response = await fetch(path, { headers, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure({ message: UNREACHABLE });
  }
  if (response.ok) return response;
  const told = explain(response, await problemOf(response));
  if (response.status === 401 && key()) told.message = WRONG_KEY;
  throw new Failure({ ...told, status: response.status });
}

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {}; // HTML error page of a proxy
  }
}
