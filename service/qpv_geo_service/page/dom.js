// Builds DOM elements. Text is only added as text nodes: text written by others is never parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: attributes by name (functions such as `onclick` are listeners), then children; skips nulls. */
export function h(tag, attributes = {}, ...children) {
  return dressed(document.createElement(tag), attributes, children);
}

/** An SVG element; see `h`. */
export function s(tag, attributes = {}, ...children) {
  return dressed(document.createElementNS(SVG, tag), attributes, children);
}

/** The element with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Shows a text in an element, or hides the element if there is none. */
export function tell(element, text) {
  element.textContent = text ?? "";
  element.hidden = !text;
}

function dressed(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return element;
}
