// The rows of a list that have no firm answer, by question: each with a link to its check and, where it is an address,
// those that look like it, one of which may be chosen in its place for all the rows that ask the same, or for the first.

import * as api from "./api.js";
import { choice } from "./columns.js";
import { alike } from "./compared.js";
import { h } from "./dom.js";
import { sentence } from "./failures.js";
import { icon } from "./icons.js";
import { chosenAddresses } from "./list-chosen.js";
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
  if (!count && !chosen.size) return null;
  const { elements: choices, update } = chosenAddresses(chosen, apply);
  const changed = (row, positions, candidate) => {
    for (const position of row.positions) chosen.delete(position);
    const first = row.row - row.position;
    for (const position of candidate ? positions : []) {
      const { label: q, citycode } = candidate;
      chosen.set(position, { q, citycode, asked: row.asked, row: position + first });
    }
    update();
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
  const left = count - rows.reduce((sum, row) => sum + row.count, 0);
  more.addEventListener("click", show);
  first();
  return h(
    "section",
    { class: "rows", "aria-labelledby": "rows-title" },
    h("h4", { id: "rows-title", tabindex: "-1" }, `${LIST.toVerify} (${count})`),
    list,
    h("div", { class: "row" }, more, left > 0 && h("span", { class: "quiet" }, LIST.left(left))),
    hasAddresses && choices,
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
  const offers = hasAddresses && where.q && MAY_BE_ANOTHER.has(row.reason);
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
      h("span", { class: "quiet" }, LIST.rows(numbersOf(row), row.count)),
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
  const input = (name, k, label, checked, change) => {
    const id = `${name}-${row.position}-${k}`;
    const radio = h("input", { type: "radio", name: `${name}-${row.position}`, id, checked, onchange: change, "data-keep": label === LIST.keep });
    return choice(radio, label);
  };
  let address = null;
  let positions = row.positions;
  const chosen = () => {
    scope.hidden = !address || row.positions.length < 2;
    changed(row, positions, address);
  };
  const options = [...candidates, null].map((candidate, k) =>
    input("row", k, candidate?.label ?? LIST.keep, !candidate, () => {
      address = candidate;
      chosen();
    }),
  );
  const scopes = [row.positions, [row.position]].map((some, k) =>
    input("scope", k, k ? LIST.onlyFirst(row.row) : LIST.allRows(row.positions.length), !k, () => {
      positions = some;
      chosen();
    }),
  );
  const scope = h("fieldset", { class: "scope", hidden: true }, h("legend", {}, LIST.scope), scopes);
  const legend = h("legend", { class: "visually-hidden" }, `${LIST.choices} ${row.asked}`);
  choices.replaceChildren(h("fieldset", {}, legend, options), scope);
}

/** The numbers in the file of the rows of a question. */
function numbersOf({ row, position, positions }) {
  return positions.map((one) => one - position + row);
}
