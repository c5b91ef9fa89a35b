// The summary of an answered list.

import { h } from "./dom.js";
import { byLabels, sentence } from "./failures.js";
import { icon } from "./icons.js";
import { forAdministrator } from "./error-card.js";
import * as msg from "./messages.js";

const { BATCH } = msg;
const LISTED = 20;

/** The summary of a finished job, with the links to its file; `rows` is what its rows to verify are shown in. */
export function summaryCard(job, links, rows) {
  const { summary } = job;
  return h(
    "div",
    { class: "card summary" },
    h("div", { role: "status" }, h("h3", { class: "done-heading" }, summary.rows > 0 && icon("inside"), h("span", {}, msg.done(summary.rows)))),
    h(
      "p",
      { class: "summary-link" },
      links,
      h("span", { class: "file-name" }, job.file),
      job.expires_at && h("span", { class: "quiet" }, msg.keptUntil(job.expires_at)),
    ),
    job.columns &&
      !job.columns.geometry &&
      h("p", { class: "quiet" }, `${BATCH.columns} ${msg.columnsUsed(job.columns)}`),
    (summary.notes ?? []).map((note) => h("p", { class: "quiet" }, sentence(byLabels(note)))),
    h(
      "div",
      { class: "summary-grid" },
      h(
        "ul",
        { class: "bars" },
        summary.by_status.map((one) => bar(one, summary.by_reason)),
      ),
      summary.by_quartier.length > 0 && quartiers(summary.by_quartier),
      administrator(summary),
    ),
    rows,
    h("p", { class: "legal" }, msg.NOTICE),
  );
}

function bar({ status, count, share }, reasons) {
  const fill = h("span", {});
  fill.style.width = `${share * 100}%`;
  const why = reasons.filter((one) => one.status === status && one.reason !== "clear");
  return h(
    "li",
    { class: `bar-line status-${status}` },
    h("span", { class: "bar-name" }, icon(status), h("span", {}, msg.STATUS_SHORT[status] ?? status)),
    h("span", { class: "number" }, msg.counted(count, share)),
    h("span", { class: "bar", "aria-hidden": "true" }, fill),
    why.length > 0 && h("span", { class: "bar-why quiet" }, why.map(msg.ofReason).join(" ; ")),
  );
}

function quartiers(some) {
  const sorted = [...some].sort((one, other) => other.inside + other.uncertain - one.inside - one.uncertain);
  return table(
    BATCH.quartiers,
    [BATCH.quartier, BATCH.inside, BATCH.uncertain],
    sorted.slice(0, LISTED).map((one) => [msg.named(one), msg.number(one.inside), msg.number(one.uncertain)]),
    some.length - LISTED,
  );
}

/** The commands that install what some rows lack; null if there are none. */
function administrator({ remedies }) {
  return remedies?.length > 0 ? h("div", {}, forAdministrator(remedies)) : null;
}

/** A table whose first column names its rows, in a box that scrolls when too narrow. */
function table(title, columns, rows, more) {
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": title },
    h(
      "table",
      {},
      h("caption", {}, title),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map(([first, ...others]) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, first),
            others.map((text) => h("td", {}, text)),
          ),
        ),
      ),
    ),
    more > 0 && h("p", { class: "quiet" }, msg.andOthers(more)),
  );
}
