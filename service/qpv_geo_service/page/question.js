// A question: where, when, for which scheme, which amount and with which answers; the same in the URL and the API.

const NUMBER_DOT = String.raw`[-+]?\d+(?:\.\d+)?`;
const NUMBER_COMMA = String.raw`[-+]?\d+,\d+`;
const COORDINATES = [
  new RegExp(`^(${NUMBER_DOT})\\s*(?:[,;]|\\s)\\s*(${NUMBER_DOT})$`),
  new RegExp(`^(${NUMBER_COMMA})\\s*(?:;|\\s)\\s*(${NUMBER_COMMA})$`), // 3,00671 ; 50,60889
];
const PARAMETERS = ["q", "citycode", "lon", "lat", "on", "scheme", "amount"];

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

/** The parameters of a question, in a fixed order, but for a site; `answers` are texts such as « comite:oui ». */
export function toParameters(question) {
  const given = PARAMETERS.filter((name) => question[name]).map((name) => [name, question[name]]);
  const answers = [...(question.answers ?? [])].sort();
  return new URLSearchParams([...given, ...answers.map((one) => ["answer", one])]);
}

/** Whether two questions are about the same place, date and scheme, so that the answers of one hold for the other. */
export function isSameCase(one, other) {
  const [first, second] = [one, other].map((each) => toParameters({ ...each, amount: null, answers: [] }));
  return String(first) === String(second) && one.site?.text === other.site?.text;
}

/** The answers once a question is answered by "oui" or "non", or its answer taken back (null). */
export function answering(answers = [], id, word) {
  const others = answers.filter((one) => !one.startsWith(`${id}:`));
  return word ? [...others, `${id}:${word}`] : others;
}

/** The question in a query string, or null. */
export function fromParameters(search) {
  const given = new URLSearchParams(search);
  const question = Object.fromEntries(
    PARAMETERS.filter((name) => given.get(name)).map((name) => [name, given.get(name)]),
  );
  question.answers = given.getAll("answer");
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
