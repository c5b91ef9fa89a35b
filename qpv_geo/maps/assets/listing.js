// Everything that a click on the map opens, as buttons in the panel: by layer, in alphabetical order, a page at a time.
// The buttons are made when their layer is unfolded: a national map has thousands of them.
qpvMap.listing = function (entries, groups, choose) {
  const layers = groups.flatMap((group) => group.layers).map((id) => entries.filter((entry) => entry.id === id));
  const boxes = layers.filter(({ length }) => length).map((found) => qpvMap.pages(found, choose));
  return qpvMap.section(qpvMap.labels.listing, boxes, { heading: "h2", className: "qpv-listing" });
};

qpvMap.pages = function (entries, choose) {
  const { element, labels } = qpvMap;
  const most = 50;
  const list = element("ul", "qpv-results");
  const where = element("span");
  where.setAttribute("role", "status");
  let sorted = null;
  let first = 0;
  const show = () => {
    const shown = sorted.slice(first, first + most);
    list.replaceChildren(...shown.map((entry) => element("li", "", qpvMap.choiceOf(entry, entry.detail, choose))));
    const numbers = [first + 1, first + shown.length, sorted.length].map((number) => number.toLocaleString("fr-FR"));
    where.textContent = numbers.reduce((text, number) => text.replace("{}", number), labels.page);
    previous.setAttribute("aria-disabled", String(first === 0));
    next.setAttribute("aria-disabled", String(first + most >= sorted.length));
  };
  const turning = (label, by) => {
    const button = element("button", "", label);
    button.type = "button";
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") === "true") return;
      first += by;
      show();
    });
    return button;
  };
  const previous = turning(labels.previous, -most);
  const next = turning(labels.next, most);
  const pager = entries.length > most ? [element("div", "qpv-pager", [previous, next, where])] : [];
  const amount = entries.length.toLocaleString("fr-FR");
  const made = qpvMap.section(entries[0].kind, [...pager, list], { heading: "h3", amount });
  made.addEventListener("toggle", () => {
    if (sorted || !made.open) return;
    const { compare } = new Intl.Collator("fr", { numeric: true });
    sorted = [...entries].sort((a, b) => compare(a.text, b.text));
    show();
  });
  return made;
};
