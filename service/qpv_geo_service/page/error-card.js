// What went wrong, shown where the answer would be.

import { keepKey } from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import * as msg from "./messages.js";

/**
 * An alert: what went wrong, the command to hand to the administrator, or the box of the key that is asked for; then
 * `ways`, elements that tell how to go on.
 */
export function errorCard(failure, ...ways) {
  return h(
    "div",
    { class: "card notice-error", role: "alert" },
    icon("uncertain"),
    h(
      "div",
      {},
      h("p", {}, failure.message),
      failure.command && forAdministrator([failure.command]),
      failure.status === 401 && keyForm(),
      ways,
    ),
  );
}

/** Commands to hand to the administrator of the server. */
export function forAdministrator(commands) {
  return [h("p", {}, msg.FOR_ADMINISTRATOR), commands.map((one) => h("p", {}, h("code", {}, one)))];
}

function keyForm() {
  const field = h("input", { id: "key", type: "password", autocomplete: "off", required: true });
  const keep = (event) => {
    event.preventDefault();
    keepKey(field.value.trim());
    location.reload(); // the address of the page holds what was asked
  };
  return h(
    "form",
    { class: "key-form", onsubmit: keep },
    h("label", { for: "key" }, msg.KEY),
    h("div", { class: "link-row" }, field, h("button", { type: "submit" }, msg.KEEP_KEY)),
  );
}
