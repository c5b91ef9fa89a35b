// The checks of this session: kept in the browser until the tab is closed, never sent.

import { RECENT } from "./answer-messages.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { day, STATUS_SHORT } from "./messages.js";

const KEY = "qpv-geo-recent";
const MOST = 8;

/** Keeps a check first in the list: `{query, label, status, on}`; the same question is kept once. */
export function keepRecent(check) {
  const others = kept().filter((one) => one.query !== check.query);
  sessionStorage.setItem(KEY, JSON.stringify([check, ...others].slice(0, MOST)));
}

/** The list of recent checks but for the one shown; null if there are none. `cleared` is called once it is emptied. */
export function recentChecks(shown, cleared) {
  const found = kept().filter((one) => one.query !== shown);
  if (!found.length) return null;
  const clear = () => {
    sessionStorage.removeItem(KEY);
    cleared();
  };
  return h(
    "section",
    { class: "card recent", "aria-labelledby": "recent-title" },
    h("h2", { id: "recent-title" }, RECENT.title),
    h("ul", { class: "plain" }, found.map(line)),
    h("button", { type: "button", class: "small", onclick: clear }, RECENT.clear),
  );
}

function line({ query, label, status, on }) {
  return h(
    "li",
    { class: `status-${status}` },
    icon(status),
    h(
      "span",
      {},
      h("a", { href: query }, label),
      h("span", { class: "quiet" }, ` ${STATUS_SHORT[status]}, ${day(on)}`),
    ),
  );
}

function kept() {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return []; // written by something else
  }
}
