// A question: where, when, and for which scheme; the same in the URL, the API and the form.

const NUMBER_DOT = String.raw`[-+]?\d+(?:\.\d+)?`;
const NUMBER_COMMA = String.raw`[-+]?\d+,\d+`;
const COORDINATES = [
  new RegExp(`^(${NUMBER_DOT})\\s*(?:[,;]|\\s)\\s*(${NUMBER_DOT})$`),
  new RegExp(`^(${NUMBER_COMMA})\\s*(?:;|\\s)\\s*(${NUMBER_COMMA})$`), // 3,00671 ; 50,60889
];
const PARAMETERS = ["q", "citycode", "lon", "lat", "on", "scheme"];

/** The typed text as `{lon, lat}` in degrees (kept as text, so not rounded) or `{q}`. */
export function placeOf(text) {
  const typed = text.trim().replace(/\s+/g, " ");
  for (const form of COORDINATES) {
    const found = form.exec(typed);
    if (found) return { lon: found[1].replace(",", "."), lat: found[2].replace(",", ".") };
  }
  return { q: typed };
}

/** The text of the address box for a question; empty if it has no place. */
export function textOf({ q, lon, lat }) {
  return q ?? (lon ? `${lon}, ${lat}` : "");
}

/** The parameters of a question, in a fixed order. */
export function toParameters(question) {
  return new URLSearchParams(PARAMETERS.filter((name) => question[name]).map((name) => [name, question[name]]));
}

/** The question in a query string, or null. */
export function fromParameters(search) {
  const given = new URLSearchParams(search);
  const question = Object.fromEntries(
    PARAMETERS.filter((name) => given.get(name)).map((name) => [name, given.get(name)]),
  );
  if (question.q) {
    const { q, ...rest } = question;
    return { ...rest, ...placeOf(q) };
  }
  return question.lon && question.lat ? question : null;
}

/** Today in local time, `AAAA-MM-JJ`. */
export function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
