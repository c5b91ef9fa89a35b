// Finds quartiers, projects and what has no mark, by words without accents; a result shows where it is.
qpvMap.searchable = function (map, areas, marks, listed) {
  const found = [];
  const add = (text, kind, go, also) => found.push({ text, kind, go, key: qpvMap.fold([text, ...(also || [])].join(" ")) });
  for (const { area, layer, name } of Object.values(areas).reverse()) {
    if (!area || !area.searched) continue;
    layer.eachLayer((shape) => {
      const { title, lines, also } = shape.feature.properties;
      const go = () => {
        map.fitBounds(shape.getBounds(), { maxZoom: 16 });
        if (map.hasLayer(layer)) shape.openPopup();
      };
      add(title, name, go, [...(also || []), lines[0][1]]);
    });
  }
  for (const { told, made, clusters, name } of Object.values(marks)) {
    told.forEach((one, k) => {
      const go = () => qpvMap.showMark(map, clusters, made[k]);
      for (const project of one.projects || [one]) add(project.title, name, go, project.also);
    });
  }
  for (const { title, kind, go, also } of listed) add(title, kind, go, also);
  return found;
};

// Near enough to tell a mark from its neighbours; those of one place are spread around it.
qpvMap.showMark = function (map, clusters, mark) {
  if (!clusters.hasLayer(mark)) return;
  map.setView(mark.getLatLng(), Math.max(map.getZoom(), 16), { animate: false });
  const shown = clusters.getVisibleParent(mark);
  if (shown !== mark) shown.spiderfy();
  mark.openPopup();
};

qpvMap.matching = function (items, text) {
  const words = qpvMap.fold(text).split(" ").filter(Boolean);
  const ranked = (item) => (item.key.startsWith(words[0]) ? 0 : 1);
  return words.length
    ? items.filter(({ key }) => words.every((word) => key.includes(word))).sort((a, b) => ranked(a) - ranked(b))
    : [];
};

qpvMap.searchBox = function (items, afterwards) {
  const { element, labels } = qpvMap;
  const most = 8;
  const input = element("input", "qpv-search");
  Object.assign(input, { type: "search", placeholder: labels.searchHint, autocomplete: "off" });
  input.setAttribute("aria-label", labels.search);
  const results = element("ul", "qpv-results");
  results.setAttribute("aria-live", "polite");
  const show = () => {
    const matches = qpvMap.matching(items, input.value);
    results.replaceChildren(
      ...matches.slice(0, most).map((item) => {
        const choice = element("button", "", [element("span", "", item.text), element("small", "", item.kind)]);
        choice.type = "button";
        choice.addEventListener("click", () => {
          results.replaceChildren();
          afterwards(item);
          item.go();
        });
        return element("li", "", choice);
      }),
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
