// The rows of a list that have no firm answer: each with a link to its check and, where it is an address, those that
// look like it, one of which may be chosen in its place.

import * as api from "./api.js";
import { alike } from "./compared.js";
import { h } from "./dom.js";
import { sentence } from "./failures.js";
import { icon } from "./icons.js";
import { LIST } from "./list-messages.js";
import { STATUS_SHORT } from "./messages.js";
import { placeOf, toParameters } from "./question.js";

const SHOWN = 20;
const MAY_BE_ANOTHER = new Set(["weak_match", "no_match", "imprecise_location", "street_straddles"]);

/**
 * The rows to verify of a job. `chosen` holds the addresses chosen so far, by position of their row; `apply()` checks the
 * list again with them.
 */
export function rowsToVerify({ count, rows }, { hasAddresses, chosen, apply }) {
  if (!count) return null;
  const told = h("p", { role: "status", class: "quiet" }, LIST.noneChosen);
  const button = h("button", { type: "button", class: "primary", disabled: true, onclick: apply }, LIST.apply(1));
  const changed = (position, candidate) => {
    if (candidate) chosen.set(position, { q: candidate.label, citycode: candidate.citycode });
    else chosen.delete(position);
    const { size } = chosen;
    button.disabled = !size;
    button.textContent = LIST.apply(size);
    told.textContent = size ? LIST.chosen(size) : LIST.noneChosen;
  };
  const list = h("ul", { class: "to-verify" });
  const more = h("button", { type: "button", class: "small" });
  const show = () => {
    const from = list.children.length;
    list.append(...rows.slice(from, from + SHOWN).map((row) => line(row, hasAddresses, changed)));
    const left = rows.length - list.children.length;
    more.hidden = left <= 0;
    more.textContent = LIST.more(Math.min(left, SHOWN));
    list.children[from]?.querySelector("a")?.focus({ preventScroll: true });
  };
  const first = () => {
    const held = document.activeElement;
    show();
    held?.focus?.({ preventScroll: true }); // the rows shown at first do not take the focus
  };
  more.addEventListener("click", show);
  first();
  return h(
    "section",
    { class: "rows", "aria-labelledby": "rows-title" },
    h("h4", { id: "rows-title" }, `${LIST.toVerify} (${count})`),
    list,
    h("div", { class: "row" }, more, count > rows.length && h("span", { class: "quiet" }, LIST.left(count - rows.length))),
    hasAddresses && h("div", { class: "apply" }, button, told),
  );
}

function line(row, hasAddresses, changed) {
  const where = { ...placeOf(row.asked), on: row.on };
  const link = h(
    "a",
    { href: `?${toParameters(where)}`, target: "_blank", rel: "noopener" },
    LIST.check,
    h("span", { class: "visually-hidden" }, ` ${row.asked} ${LIST.inNewTab}`),
  );
  const offers = hasAddresses && MAY_BE_ANOTHER.has(row.reason);
  const choices = h("div", { class: "row-choices", role: "status" });
  const open = h("button", { type: "button", class: "small" }, LIST.choices, h("span", { class: "visually-hidden" }, ` ${row.asked}`));
  open.addEventListener("click", () => {
    open.hidden = true;
    offer(choices, row, where, changed);
  });
  return h(
    "li",
    { class: `status-${row.status}` },
    h(
      "p",
      { class: "row-head" },
      h("span", { class: "row-status" }, icon(row.status), STATUS_SHORT[row.status] ?? row.status),
      h("span", { class: "quiet" }, LIST.row(row.row)),
      h("strong", {}, row.asked),
    ),
    row.message && h("p", { class: "row-why" }, sentence(row.message)),
    h("div", { class: "row" }, row.asked.length > 2 && link, offers && open),
    choices,
  );
}

/** Shows the addresses that look like what a row asks, one of which may be chosen. */
async function offer(choices, row, where, changed) {
  choices.replaceChildren(LIST.looking);
  let candidates = [];
  try {
    candidates = alike((await api.check(where)).verdict.candidates);
  } catch (failure) {
    return choices.replaceChildren(failure.message);
  }
  if (!candidates.length) return choices.replaceChildren(LIST.none);
  const option = (candidate, k) => {
    const id = `row-${row.position}-${k}`;
    const input = h("input", { type: "radio", name: `row-${row.position}`, id, checked: !candidate });
    input.addEventListener("change", () => changed(row.position, candidate));
    return h("div", { class: "choice" }, input, h("label", { for: id }, candidate?.label ?? LIST.keep));
  };
  const legend = h("legend", { class: "visually-hidden" }, `${LIST.choices} ${row.asked}`);
  choices.replaceChildren(h("fieldset", {}, legend, [...candidates, null].map(option)));
}
