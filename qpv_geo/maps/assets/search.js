// All that a click on the map opens, with what shows it: {id, kind} of its layer, text, a detail, other words.
qpvMap.entries = function (map, areas, marks) {
  const found = [];
  for (const [id, { area, layer, name }] of Object.entries(areas).reverse()) {
    if (!area) continue;
    layer.eachLayer((shape) => {
      const { title, lines, also } = shape.feature.properties;
      const detail = lines[0][1];
      const go = () => {
        qpvMap.reveal(id);
        qpvMap.endZoom(map);
        map.fitBounds(shape.getBounds ? shape.getBounds() : shape.getLatLng().toBounds(1), { maxZoom: 16 });
        shape.openPopup();
      };
      const at = () => (shape.getBounds ? shape.getBounds().getCenter() : shape.getLatLng());
      found.push({ id, kind: name, text: title, detail, go, at, also: [...(also || []), detail], searched: area.searched });
    });
  }
  for (const [id, { told, made, clusters, name }] of Object.entries(marks)) {
    told.forEach((one, k) => {
      const go = () => {
        qpvMap.reveal(id);
        qpvMap.showMark(map, clusters, made[k]);
      };
      for (const { title, lines, also } of one.projects || [one]) {
        const at = () => made[k].getLatLng();
        found.push({ id, kind: name, text: title, detail: lines[0][1], go, at, also, searched: true });
      }
    });
  }
  return found;
};

// What is asked for is shown, its layer hidden or not.
qpvMap.reveal = function (id) {
  const box = document.querySelector(`.qpv-layers input[name="${id}"]`);
  if (box && !box.checked) box.click();
};

// Finds quartiers, projects and what has no mark, by words without accents; a result shows where it is.
qpvMap.searchable = (entries) =>
  entries.map((entry) => ({ ...entry, key: qpvMap.fold([entry.text, ...(entry.also || [])].join(" ")) }));

qpvMap.choiceOf = function (entry, detail, choose) {
  const { element } = qpvMap;
  const choice = element("button", "", [element("span", "", entry.text), element("small", "", detail)]);
  choice.type = "button";
  choice.addEventListener("click", () => choose(entry, choice));
  return choice;
};

// Near enough to tell a mark from its neighbours; those of one place are spread around it.
qpvMap.showMark = function (map, clusters, mark) {
  qpvMap.endZoom(map);
  map.setView(mark.getLatLng(), Math.max(map.getZoom(), 16), { animate: false });
  const shown = clusters.getVisibleParent(mark);
  if (shown !== mark) shown.spiderfy();
  mark.openPopup();
};

qpvMap.matching = function (map, items, text) {
  const words = qpvMap.fold(text).split(" ").filter(Boolean);
  const view = map.getBounds();
  const ranked = ({ key, at }) => (at && view.contains(at()) ? 0 : 2) + (key.startsWith(words[0]) ? 0 : 1);
  return words.length
    ? items.filter(({ key }) => words.every((word) => key.includes(word))).sort((a, b) => ranked(a) - ranked(b))
    : [];
};

qpvMap.searchBox = function (map, items, choose) {
  const { element, labels } = qpvMap;
  const most = 8;
  const input = element("input", "qpv-search");
  Object.assign(input, { type: "search", placeholder: labels.searchHint, autocomplete: "off" });
  input.setAttribute("aria-label", labels.search);
  const results = element("ul", "qpv-results");
  results.setAttribute("aria-live", "polite");
  const chosen = (item) => {
    results.replaceChildren();
    choose(item, input);
  };
  const show = () => {
    const matches = qpvMap.matching(map, items, input.value);
    results.replaceChildren(
      ...matches.slice(0, most).map((item) => element("li", "", qpvMap.choiceOf(item, item.kind, chosen))),
    );
    if (matches.length > most) {
      results.append(element("li", "qpv-note", labels.more.replace("{}", (matches.length - most).toLocaleString("fr-FR"))));
    }
    if (input.value.trim() && !matches.length) results.append(element("li", "qpv-note", labels.nothingFound));
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") results.replaceChildren();
    if (event.key === "Enter") results.querySelector("button")?.click();
  });
  return element("div", "qpv-searching", [input, results]);
};
