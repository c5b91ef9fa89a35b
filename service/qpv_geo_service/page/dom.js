// Builds the page. Text only ever enters it as text nodes: what others wrote is never read as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: attributes by name (`onclick` and the like are listeners), then children; what is null is left out. */
export function h(tag, attributes = {}, ...children) {
  return dressed(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return dressed(document.createElementNS(SVG, tag), attributes, children);
}

/** The element of the page that has this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Shows a text in an element, or hides the element where there is none. */
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
