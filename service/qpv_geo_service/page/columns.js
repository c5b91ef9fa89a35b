// Which columns of a file locate each row: those the server recognised, or those chosen here.

import { h } from "./dom.js";
import { sentence } from "./failures.js";
import { previewTable, systemField } from "./list-preview.js";
import { COLUMNS, columnsUsed } from "./messages.js";

const ANSWERED = "qpv_status"; // the file already contains answers
const MODES = ["guess", "address", "coordinates"];

/**
 * Shows in an element how the server reads a file (`{header, columns, problem, misread}`), and lets the user choose
 * other columns.
 */
export function chooseColumns(element, reading) {
  const { header, columns, problem, misread } = reading;
  const modes = columns ? MODES : MODES.slice(1);
  const panes = {
    guess: columns && guessPane(reading),
    address: addressPane(header, columns?.address ?? []),
    coordinates: coordinatesPane(reading),
  };
  const open = (mode) => modes.forEach((one) => (panes[one].hidden = one !== mode));
  const radio = (mode) =>
    h("input", {
      type: "radio",
      name: "mode",
      value: mode,
      id: `mode-${mode}`,
      checked: mode === modes[0],
      onchange: () => open(mode),
    });
  open(modes[0]);
  element.replaceChildren(
    ...[
      previewTable(reading),
      h(
        "fieldset",
        {},
        h("legend", {}, COLUMNS.question),
        !columns && h("p", { class: "hint" }, header.length && !misread ? COLUMNS.unknown : sentence(problem)),
        h(
          "div",
          { class: "choices" },
          modes.map((mode) => choice(radio(mode), COLUMNS[mode])),
        ),
      ),
      ...modes.map((mode) => panes[mode]),
      h("div", { class: "selects" }, named("date_column", COLUMNS.date, header, true), named("amount_column", COLUMNS.amount, header, true)),
      header.includes(ANSWERED) && replacing(),
    ].filter(Boolean),
  );
  element.hidden = false;
}

/** Adds the chosen columns to a form, hidden fields aside. Returns what is missing, or null. */
export function addColumns(element, form) {
  const mode = element.querySelector("[name=mode]:checked")?.value;
  for (const field of element.querySelectorAll("[data-column]")) {
    if (field.closest("[hidden]") || (field.type === "checkbox" && !field.checked)) continue;
    if (field.value) form.append(field.dataset.column, field.value);
  }
  if (mode === "address" && !form.has("address_column")) return COLUMNS.addressNeeded;
  if (mode === "coordinates" && !(form.has("lon_column") && form.has("lat_column"))) return COLUMNS.coordinatesNeeded;
  return null;
}

function addressPane(header, recognised) {
  const boxes = header.map((name, k) => {
    const box = {
      type: "checkbox",
      id: `address-${k}`,
      value: name,
      "data-column": "address_column",
      checked: recognised.includes(name),
    };
    return choice(h("input", box), name);
  });
  return h(
    "div",
    { class: "selects" },
    h("fieldset", { class: "whole" }, h("legend", {}, COLUMNS.addressParts), h("div", { class: "choices" }, boxes)),
    named("citycode_column", COLUMNS.citycode, header, true),
  );
}

/** The columns recognised and, if they are coordinates, their system. */
function guessPane(reading) {
  const { columns } = reading;
  const system = columns.lon && systemField("crs-guess", reading);
  system?.suggest(columns.lon);
  return h("div", { class: "selects" }, h("p", { class: "recognised whole" }, columnsUsed(columns)), system?.element);
}

function coordinatesPane(reading) {
  const lon = named("lon_column", COLUMNS.lon, reading.header);
  const system = systemField("crs", reading);
  lon.querySelector("select").addEventListener("change", ({ target }) => system.suggest(target.value));
  return h("div", { class: "selects" }, lon, named("lat_column", COLUMNS.lat, reading.header), system.element);
}

function named(column, label, header, optional = false) {
  return h(
    "div",
    { class: "field" },
    h("label", { for: column }, label, optional && h("span", { class: "optional" }, ` ${COLUMNS.optional}`)),
    h(
      "select",
      { id: column, "data-column": column },
      h("option", { value: "" }, COLUMNS.none),
      header.map((name) => h("option", { value: name }, name)),
    ),
  );
}

function replacing() {
  const box = { type: "checkbox", id: "replace", value: "true", "data-column": "replace_columns", checked: true };
  return choice(h("input", box), COLUMNS.replace);
}

/** A box or a radio button before its label. */
export function choice(input, label) {
  return h("div", { class: "choice" }, input, h("label", { for: input.id }, label));
}
