// The register: keeps the answer on request, finds kept checks again, and records what a person decides.

import { downloadLink, hasKey, json } from "./api.js";
import { byId, h, tell } from "./dom.js";
import { errorCard, keyForm } from "./error-card.js";
import { icon } from "./icons.js";
import { today, toParameters } from "./question.js";
import * as msg from "./register-messages.js";

const SHOWN = 20;
const JSON_BODY = { "Content-Type": "application/json" };
const NUMBERS = new Set(["lon", "lat", "amount", "accuracy"]);
const LISTS = new Set(["scheme", "answer"]);
const LABELS = ["service", "by"]; // kept from one check to the next until the tab is closed

/** Whether the reader may use the register: it is open, or asks for a key that the reader has given. */
function isOffered() {
  const how = byId("registre")?.dataset.register;
  return how === "open" || (how === "key" && hasKey());
}

/** Shows the section of the register if there is one: to a reader without the key, how to give it. */
export function startRegister() {
  const there = byId("registre").dataset.register !== "none";
  byId("registre").hidden = !there;
  byId("nav-registre").hidden = !there;
  if (!there) return;
  if (!isOffered()) {
    byId("register-search").hidden = true;
    byId("register-list").replaceChildren(h("div", { class: "card" }, h("p", {}, msg.NEEDS_A_KEY), keyForm()));
    return;
  }
  byId("register-search").addEventListener("submit", (event) => {
    event.preventDefault();
    list();
  });
  byId("register-today").addEventListener("click", () => {
    byId("register-search").reset();
    byId("register-since").value = today();
    list();
  });
  list();
}

/** Adds to the card of an answer a way to keep it, and the checks already kept for its place. */
export function offerToKeep(card, question, verdict) {
  if (!isOffered()) return;
  const panel = h("section", { class: "keep", "aria-label": msg.KEEP }, keepForm(question), h("div", { class: "earlier" }));
  card.querySelector(".evidence").before(panel);
  showEarlier(panel.querySelector(".earlier"), verdict);
}

// ── Keeping ──

function keepForm(question) {
  const fields = {
    case: field("keep-case", msg.CASE, "", { maxlength: 200 }),
    service: field("keep-service", msg.SERVICE, remembered("service"), { maxlength: 200 }),
    by: field("keep-by", msg.BY, remembered("by"), { maxlength: 200, autocomplete: "name" }),
  };
  const done = h("div", { class: "kept", role: "status" });
  const button = h("button", { type: "submit" }, msg.KEEP);
  const submit = async (event) => {
    event.preventDefault();
    const labels = Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.input.value.trim() || null]));
    remember(labels);
    button.disabled = true;
    try {
      const { answers, kept } = await send("v1/checks?save=true", [{ ...listed(question), ...labels }]);
      if (!kept[0]) throw new Error(answers[0].detail);
      await list(); // first: it would close what is open below
      await showKept(done, kept[0].sequence);
    } catch (failure) {
      button.disabled = false;
      done.replaceChildren(errorCard(failure));
    }
  };
  const shown = Object.values(fields).map((one) => one.element);
  return h(
    "form",
    { class: "keep-form", novalidate: true, onsubmit: submit },
    h("h3", {}, msg.KEEP),
    h("p", { class: "quiet" }, msg.KEEP_WHY),
    h("div", { class: "selects" }, shown),
    h("div", {}, button),
    done,
  );
}

async function showKept(done, sequence) {
  done.replaceChildren(h("p", {}, h("strong", {}, msg.kept(sequence))), await opened(sequence, done));
}

/** The question as an object of the JSON list, numbers as numbers. */
function listed(question) {
  const found = {};
  for (const [name, value] of toParameters(question)) {
    if (LISTS.has(name)) (found[name] ??= []).push(value);
    else found[name] = NUMBERS.has(name) ? Number(value) : value;
  }
  return question.site ? { ...found, site: JSON.parse(question.site.text) } : found;
}

async function showEarlier(element, { location }) {
  const typed = location.asked ?? (location.lon === null ? null : `${location.lon} ${location.lat}`);
  const address = location.type === "housenumber" ? location.label : typed; // one number, however it was typed
  if (!address || location.type === "site") return;
  try {
    const found = await json(`v1/register?${new URLSearchParams({ address, limit: SHOWN })}`);
    if (found.count) element.replaceChildren(h("h3", {}, msg.EARLIER), cases(found.checks));
  } catch {
    // the section below says what is wrong
  }
}

// ── Finding again ──

async function list() {
  const given = Object.entries(Object.fromEntries(new FormData(byId("register-search")))).filter(([, value]) => value.trim());
  const shown = byId("register-list");
  shown.setAttribute("aria-busy", "true");
  try {
    const found = await json(`v1/register?${new URLSearchParams([...given, ["limit", SHOWN]])}`);
    tell(byId("register-count"), msg.counted(found.checks.length, found.count));
    shown.replaceChildren(cases(found.checks));
  } catch (failure) {
    tell(byId("register-count"), "");
    shown.replaceChildren(errorCard(failure));
  }
  shown.removeAttribute("aria-busy");
}

function cases(checks) {
  return h("ul", { class: "cases" }, checks.map(line));
}

function line(one) {
  const status = one.decision?.status ?? one.status;
  const details = [msg.day(one.created_at), msg.ofCase(one.case), one.superseded_by && msg.SUPERSEDED(one.superseded_by)];
  const body = h("div", { class: "case-body" });
  const toggle = h(
    "button",
    { type: "button", class: "small", "aria-expanded": "false", "aria-label": `${msg.OPEN} : ${msg.numbered(one.sequence)}` },
    msg.OPEN,
  );
  toggle.addEventListener("click", async () => {
    const isOpen = toggle.getAttribute("aria-expanded") === "true";
    toggle.setAttribute("aria-expanded", String(!isOpen));
    body.replaceChildren(...(isOpen ? [] : [await opened(one.sequence, body)]));
  });
  return h(
    "li",
    {},
    h(
      "div",
      { class: "case-line" },
      h(
        "div",
        { class: `case-what status-${status}` },
        icon(status),
        h(
          "div",
          {},
          h("strong", {}, `n° ${one.sequence} – ${msg.place(one)}`),
          h("span", { class: "quiet" }, details.filter(Boolean).join(" · ")),
          h("span", {}, `${msg.COMPUTED} : ${msg.answer(one)}`),
          one.decision && h("span", {}, `${msg.DECIDED} : ${msg.answer(one.decision)}`),
        ),
      ),
      toggle,
    ),
    body,
  );
}

/** The details of a check: what was computed, what was decided, its files, and a way to decide. */
async function opened(sequence, within) {
  let found;
  try {
    found = await json(`v1/register/${sequence}`);
  } catch (failure) {
    return errorCard(failure);
  }
  const again = async () => {
    if (!byId("register-list").contains(within)) await list();
    const shown = await opened(sequence, within);
    within.querySelector(".case").replaceWith(shown);
    shown.querySelector("h3").focus();
  };
  return h(
    "article",
    { class: "case", "aria-label": msg.numbered(sequence) },
    h("h3", { tabindex: "-1" }, msg.numbered(sequence)),
    h("dl", { class: "facts" }, facts(found)),
    !found.purged && files(found),
    !found.purged && decideForm(found, again),
  );
}

function facts(found) {
  const { decision, outcomes } = found;
  const labels = Object.fromEntries((found.record?.schemes ?? []).map((one) => [one.scheme, one.label]));
  const schemes = Object.entries(outcomes).map(([id, outcome]) => h("span", {}, `${labels[id] ?? id} : ${msg.OUTCOME[outcome]}`));
  return [
    fact(msg.COMPUTED, h("strong", {}, msg.answer(found)), found.record && h("span", {}, found.record.message), msg.onDay(found.day)),
    decision &&
      fact(
        msg.DECIDED,
        h("strong", {}, msg.answer(decision)),
        h("span", {}, msg.decidedBy(decision)),
        decision.reason && h("span", {}, `${msg.REASON} : ${decision.reason}`),
        decision.document && h("span", {}, `${msg.DOCUMENT} : ${decision.document.name}`),
      ),
    schemes.length > 0 && fact(msg.SCHEMES, schemes),
    found.case && fact(msg.CASE, found.case),
    (found.by || found.service) && fact(msg.ASKED_BY, [found.by, found.service].filter(Boolean).join(", ")),
  ];
}

function fact(label, ...content) {
  return h("div", { class: "fact" }, h("dt", {}, label), h("dd", {}, content));
}

function files({ sequence, record }) {
  const content = URL.createObjectURL(new Blob([JSON.stringify(record)], { type: "application/json" }));
  return h(
    "div",
    { class: "case-files" },
    downloadLink(msg.FICHE, `v1/register/${sequence}/fiche`, { name: `fiche-${sequence}.pdf` }),
    h("a", { class: "button", href: content, download: `verdict-${sequence}.json` }, msg.RECORD),
  );
}

// ── Deciding ──

function decideForm({ sequence, code }, decided) {
  const id = (name) => `decide-${sequence}-${name}`;
  const status = h("select", { id: id("status") }, ["inside", "outside", "uncertain"].map((one) => h("option", { value: one }, msg.STATUS[one])));
  const reason = h("textarea", { id: id("reason"), rows: 3, maxlength: 10000 });
  const by = field(id("by"), msg.BY, remembered("by"), { maxlength: 200, autocomplete: "name", required: true });
  const quartier = field(id("quartier"), msg.QUARTIER, "", { maxlength: 40, placeholder: code ?? "QN…" });
  const tellQuartier = () => (quartier.element.hidden = status.value === "outside");
  status.addEventListener("change", tellQuartier);
  const file = h("input", { id: id("document"), type: "file", disabled: !crypto.subtle });
  const error = h("p", { class: "field-error", role: "alert", hidden: true });
  const submit = async (event) => {
    event.preventDefault();
    const isWhole = reason.value.trim() && by.input.value.trim();
    tell(error, isWhole ? "" : msg.NEEDED);
    if (!isWhole) return (reason.value.trim() ? by.input : reason).focus();
    remember({ by: by.input.value.trim() });
    try {
      const document = file.files[0] ? await fingerprint(file.files[0]) : null;
      const given = { quartier: quartier.element.hidden ? "" : quartier.input.value.trim(), document };
      const body = { status: status.value, reason: reason.value, by: by.input.value };
      for (const [name, value] of Object.entries(given)) if (value) body[name] = value;
      await send(`v1/register/${sequence}/decisions`, body);
      await decided();
    } catch (failure) {
      tell(error, failure.message);
    }
  };
  return h(
    "details",
    { class: "decide" },
    h("summary", {}, msg.DECIDE_TITLE),
    h(
      "form",
      { novalidate: true, onsubmit: submit },
      h("p", { class: "quiet" }, msg.DECIDE_WHY),
      labelled(id("status"), msg.DECISION, status),
      quartier.element,
      labelled(id("reason"), msg.REASON, reason),
      by.element,
      labelled(id("document"), msg.DOCUMENT, file, crypto.subtle ? msg.DOCUMENT_WHY : msg.NO_DOCUMENT, true),
      error,
      h("div", {}, h("button", { type: "submit", class: "primary" }, msg.DECIDE)),
    ),
  );
}

async function fingerprint(file) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return { name: file.name, sha256: [...digest].map((one) => one.toString(16).padStart(2, "0")).join("") };
}

// ── Fields ──

function field(id, label, value, attributes) {
  const input = h("input", { id, type: "text", value, autocomplete: "off", ...attributes });
  return { input, element: labelled(id, label, input, null, !attributes.required) };
}

function labelled(id, label, input, hint = null, optional = false) {
  const told = [label, optional && [" ", h("span", { class: "optional" }, msg.OPTIONAL)]];
  return h("div", { class: "field" }, h("label", { for: id }, told), input, hint && h("p", { class: "hint" }, hint));
}

function remembered(name) {
  return sessionStorage.getItem(`qpv-geo-${name}`) ?? "";
}

function remember(labels) {
  for (const name of LABELS) if (labels[name]) sessionStorage.setItem(`qpv-geo-${name}`, labels[name]);
}

function send(path, body) {
  return json(path, { method: "POST", body: new Blob([JSON.stringify(body)], { type: JSON_BODY["Content-Type"] }) });
}
