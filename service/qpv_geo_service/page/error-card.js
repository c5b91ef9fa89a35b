// An error, shown in place of the answer.

import { keepKey } from "./api.js";
import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import * as msg from "./messages.js";

/**
 * An alert: the error, with the command for the administrator or the form for the API key if needed; then `ways`,
 * elements that say how to continue.
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

/** The commands to pass on to the administrator of the server. */
export function forAdministrator(commands) {
  return [h("p", {}, msg.FOR_ADMINISTRATOR), commands.map((one) => h("p", {}, h("code", {}, one)))];
}

/** The one form that keeps the API key until the tab is closed and asks again; where it was, a button brings it back. */
export function keyForm() {
  const back = h("button", { type: "button", class: "small key-back", onclick: () => bringBack(back) }, msg.GIVE_KEY);
  byId("key")?.form.replaceWith(back);
  const field = h("input", { id: "key", type: "password", autocomplete: "off", required: true });
  const keep = (event) => {
    event.preventDefault();
    keepKey(field.value.trim());
    location.reload(); // the URL holds the question
  };
  return h(
    "form",
    { class: "key-form", onsubmit: keep },
    h("label", { for: "key" }, msg.KEY),
    h("div", { class: "link-row" }, field, h("button", { type: "submit" }, msg.KEEP_KEY)),
  );
}

function bringBack(button) {
  button.replaceWith(keyForm());
  byId("key").focus();
}
