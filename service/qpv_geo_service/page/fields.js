// Error messages of form fields.

import { byId, tell } from "./dom.js";
import * as msg from "./messages.js";

/** Marks a field as wrong and shows why, or as right if there is no message. */
export function mark(field, message) {
  if (message) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  tell(byId(`${field.id}-error`), message);
}

/** What is wrong with the date in a field, or null. */
export function wrongDate(field) {
  if (field.validity.badInput) return msg.DATE_NEEDED;
  return field.validity.rangeUnderflow ? msg.DATE_TOO_OLD : null;
}

/** Whether any field of a form is wrong; moves the focus to the first one. */
export function stopped(form) {
  const wrong = form.querySelector("[aria-invalid]");
  wrong?.focus();
  return Boolean(wrong);
}
