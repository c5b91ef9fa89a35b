// Buttons that copy a text, such as the answer for an e-mail.

import { COPY } from "./answer-messages.js";
import { h } from "./dom.js";

/** A button that copies the text that `text()` gives, then says `done`; without a clipboard, the text is selected. */
export function copyButton(label, text, done, id) {
  const status = h("span", { class: "copied", role: "status" });
  const field = h("textarea", {
    id: `${id}-text`,
    class: "copied-text",
    rows: "4",
    readonly: true,
    hidden: true,
    "aria-label": label,
  });
  const copy = async () => {
    field.value = text();
    try {
      await navigator.clipboard.writeText(field.value);
      status.textContent = done;
    } catch {
      field.hidden = false; // pages served without TLS have no clipboard
      field.select();
      status.textContent = COPY.selected;
    }
  };
  return h("span", { class: "copying" }, h("button", { type: "button", id, onclick: copy }, label), status, field);
}
