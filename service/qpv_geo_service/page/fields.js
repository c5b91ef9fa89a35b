// What is wrong with a field, said beside it.

import { byId, tell } from "./dom.js";
import * as msg from "./messages.js";

/** Marks a field as wrong and says why, or as right where there is no message. */
export function mark(field, message) {
  if (message) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  tell(byId(`${field.id}-error`), message);
}

/** What is wrong with the date that a field holds, or null. */
export function wrongDate(field) {
  if (field.validity.badInput) return msg.DATE_NEEDED;
  return field.validity.rangeUnderflow ? msg.DATE_TOO_OLD : null;
}

/** Whether a field of a form is wrong; takes the reader to the first that is. */
export function stopped(form) {
  const wrong = form.querySelector("[aria-invalid]");
  wrong?.focus();
  return Boolean(wrong);
}
