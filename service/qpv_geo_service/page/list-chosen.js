// The addresses chosen in place of those of a list: each may be taken back, even once the list was checked with it.

import { h } from "./dom.js";
import { LIST } from "./list-messages.js";

/** What is chosen, and the button that checks the list again with it; `update()` after a change of `chosen`. */
export function chosenAddresses(chosen, apply) {
  const before = written(chosen);
  const told = h("p", { role: "status", class: "quiet" });
  const button = h("button", { type: "button", class: "primary", onclick: apply });
  const list = h("ul", {});
  const title = h("h5", { tabindex: "-1" }, LIST.chosenTitle);
  const update = () => {
    const some = together(chosen);
    const isSame = written(chosen) === before;
    button.disabled = isSame;
    button.textContent = some.length || isSame ? LIST.apply(some.length) : LIST.withoutAny;
    told.textContent = isSame ? (some.length ? LIST.applied : LIST.noneChosen) : LIST.chosen(chosen.size);
    title.parentElement.hidden = !some.length;
    list.replaceChildren(...some.map((one) => line(one)));
  };
  const line = ({ asked, q, rows, positions }) => {
    const takeBack = h("button", { type: "button", class: "small" }, LIST.takeBack, h("span", { class: "visually-hidden" }, ` ${asked}`));
    takeBack.addEventListener("click", () => {
      for (const position of positions) {
        chosen.delete(position);
        const keep = document.querySelector(`[name="row-${position}"][data-keep]`);
        if (keep) keep.checked = true;
      }
      update();
      (chosen.size ? title : button).focus();
    });
    return h("li", {}, h("span", { class: "quiet" }, LIST.rows(rows, rows.length)), h("span", {}, `« ${asked} » → ${q}`), takeBack);
  };
  const elements = [h("div", { class: "chosen" }, title, list), h("div", { class: "apply" }, button, told)];
  update();
  return { elements, update };
}

/** The choices as the server reads them: the positions of the rows of each address, then the address. */
export function written(chosen) {
  return JSON.stringify(Object.fromEntries(together(chosen).map(({ positions, q, citycode }) => [positions.join(), { q, citycode }])));
}

/** The choices, those of one address in place of the same text together. */
function together(chosen) {
  const groups = new Map();
  for (const [position, one] of [...chosen].sort(([a], [b]) => a - b)) {
    const key = JSON.stringify([one.asked, one.q, one.citycode]);
    if (!groups.has(key)) groups.set(key, { ...one, rows: [], positions: [] });
    groups.get(key).rows.push(one.row);
    groups.get(key).positions.push(position);
  }
  return [...groups.values()];
}
