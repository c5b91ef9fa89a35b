// The address box: a combobox with a list, following the ARIA Authoring Practices (list autocomplete with manual
// selection). The focus stays in the box; aria-activedescendant points to the active option.

import { h } from "./dom.js";
import * as msg from "./messages.js";

const WAIT_MS = 180;
const LEAST_LETTERS = 3;

/**
 * Makes a combobox of an input and its list.
 *
 * `search(text, signal)` returns suggestions `{label, citycode}`, with an optional `detail`; `chosen(suggestion)` is
 * called on a choice, `changed()` on typing.
 */
export function combobox({ input, list, status, search, chosen, changed }) {
  let options = [];
  let active = -1;
  let timer = null;
  let request = null;

  function cancel() {
    clearTimeout(timer);
    request?.abort();
    request = null;
  }

  function close() {
    options = [];
    active = -1;
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function dismiss() {
    cancel();
    close();
    status.textContent = "";
  }

  function activate(position) {
    active = position;
    [...list.children].forEach((option, k) => option.setAttribute("aria-selected", String(k === active)));
    const option = list.children[active];
    if (!option) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function choose(position) {
    const suggestion = options[position];
    input.value = suggestion.label;
    dismiss();
    chosen(suggestion);
  }

  function show(found) {
    close();
    options = found;
    status.textContent = msg.suggestionCount(found.length);
    if (!found.length) return;
    list.replaceChildren(
      ...found.map((one, k) =>
        h(
          "li",
          {
            id: `suggestion-${k}`,
            role: "option",
            "aria-selected": "false",
            onpointerdown: (event) => event.preventDefault(), // keeps the focus in the box
            onclick: () => choose(k),
          },
          h("span", { class: "option-label" }, one.label),
          one.detail && h("span", { class: "option-detail" }, one.detail),
        ),
      ),
    );
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  async function ask() {
    const text = input.value;
    const controller = (request = new AbortController());
    try {
      const found = await search(text, controller.signal);
      if (request === controller) show(found);
    } catch {
      if (request !== controller) return;
      close(); // the address can be checked without suggestions
      status.textContent = msg.NO_SUGGESTIONS;
    }
  }

  input.addEventListener("input", () => {
    changed();
    cancel();
    const text = input.value.trim();
    if (text.length < LEAST_LETTERS) return dismiss();
    timer = setTimeout(ask, WAIT_MS);
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const open = !list.hidden;
    const count = options.length;
    if (event.key === "Escape" && (open || request)) dismiss();
    else if (event.key === "Enter" && open && active >= 0) choose(active);
    else if (event.key === "ArrowDown" && open) activate((active + 1) % count);
    else if (event.key === "ArrowUp" && open) activate((Math.max(active, 0) + count - 1) % count);
    else if (event.key === "ArrowDown" && input.value.trim().length >= LEAST_LETTERS) ask();
    else return;
    event.preventDefault();
  });

  input.addEventListener("blur", dismiss);
  input.form.addEventListener("submit", dismiss);
}
