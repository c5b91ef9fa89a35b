// A question: where, when, for which scheme, which amount and with which answers; the same in the URL and the API.

const PARAMETERS = ["q", "citycode", "lon", "lat", "on", "generation", "scheme", "amount"];
const DECIMALS = 6;

/** The place that a text names: the server reads addresses, quartiers, communes and coordinates. */
export function placeOf(text) {
  return { q: text.trim().replace(/\s+/g, " ") };
}

/** The place at a point of the map, `{lng, lat}` in degrees. */
export function pointAt({ lng, lat }) {
  return { lon: String(Number(lng.toFixed(DECIMALS))), lat: String(Number(lat.toFixed(DECIMALS))) };
}

/** The text of the address box for a question; empty if it has no place. */
export function textOf({ q, lon, lat }) {
  return q ?? (lon ? `${lat}, ${lon}` : "");
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
    const { lon, lat, ...rest } = question;
    return { ...rest, ...placeOf(question.q) };
  }
  return question.lon && question.lat ? question : null;
}

/** Today in local time, `AAAA-MM-JJ`. */
export function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
