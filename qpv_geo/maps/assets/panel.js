// The panel beside the map: title, search, layers by group, legend, sums, and what has no mark.
qpvMap.section = function (title, content, options) {
  const { element } = qpvMap;
  const head = element("summary", "", [element(options?.heading || "span", "", title)]);
  if (options?.amount) head.append(element("strong", "qpv-amount", options.amount));
  const made = element("details", options?.className || "", [head, ...content]);
  made.open = Boolean(options?.open);
  return made;
};

qpvMap.choice = function (type, name, label, checked, change) {
  const input = qpvMap.element("input");
  Object.assign(input, { type, name, checked });
  input.addEventListener("change", () => change(input.checked));
  return qpvMap.element("label", "qpv-choice", [input, label]);
};

qpvMap.showLayer = function (layer, yes) {
  layer.shown = yes;
  layer.show(yes);
};

qpvMap.layersSection = function (map, groups, layers, backgrounds, blank) {
  const { element, choice, section, labels } = qpvMap;
  const boxes = [];
  if (backgrounds.length) {
    const show = (shown) => backgrounds.forEach(({ layer }) => (layer === shown ? layer.addTo(map) : layer.remove()));
    const choices = [...backgrounds, { name: blank, layer: null }].map(({ name, layer }, k) =>
      choice("radio", "qpv-background", name, k === 0, () => show(layer)),
    );
    boxes.push(element("fieldset", "", [element("legend", "", labels.background), ...choices]));
  }
  for (const group of groups) {
    const choices = group.layers
      .filter((id) => layers[id])
      .map((id) => choice("checkbox", id, layers[id].name, layers[id].shown, (yes) => qpvMap.showLayer(layers[id], yes)));
    if (choices.length) boxes.push(element("fieldset", "", [element("legend", "", group.name), ...choices]));
  }
  return section(labels.layers, boxes, { heading: "h2", open: true, className: "qpv-layers" });
};

qpvMap.swatch = function ({ mark, colour, fill, dashed }) {
  const { element } = qpvMap;
  const made = element("span", `qpv-swatch qpv-swatch-${mark}`, mark === "cluster" ? "12" : mark === "pill" ? "€" : null);
  if (mark === "area") {
    made.style.border = `2px ${dashed ? "dashed" : "solid"} ${colour}`;
    made.style.background = fill || "var(--qpv-map)";
  } else if (mark === "sizes") {
    made.append(...[6, 10, 16].map((side) => Object.assign(element("i"), { style: `width:${side}px;height:${side}px` })));
  } else if (mark !== "cluster") {
    made.style.background = colour;
    if (mark === "fill") made.style.opacity = qpvMap.fillOpacity;
  }
  return made;
};

qpvMap.legendSection = function (blocks) {
  const { element, section, swatch, labels } = qpvMap;
  const content = blocks.flatMap(({ title, entries }) => [
    ...(title ? [element("h3", "", title)] : []),
    element("ul", "qpv-legend", entries.map((entry) => element("li", "", [swatch(entry), element("span", "", entry.label)]))),
  ]);
  return section(labels.legend, content, { heading: "h2", open: true, className: "qpv-legends" });
};

qpvMap.listSection = function (map, list) {
  const { element, section, lines } = qpvMap;
  const listed = [];
  const note = list.note ? [element("p", "qpv-note", list.note)] : [];
  const made = section(list.title, note, { heading: "h2", amount: list.amount, open: list.open });
  for (const item of list.items) {
    const head = element(item.bounds ? "button" : "h3", "qpv-item", [element("span", "", item.title)]);
    if (item.amount) head.append(element("strong", "qpv-amount", item.amount));
    if (item.bounds) {
      head.addEventListener("click", () => {
        qpvMap.endZoom(map);
        map.fitBounds(item.bounds, { maxZoom: 16 });
      });
    }
    made.append(head);
    if (item.lines?.length) made.append(element("p", "qpv-note", item.lines.join(", ")));
    for (const project of item.projects || []) {
      const box = qpvMap.section(project.title, [lines(project.lines)], { className: "qpv-project" });
      const go = () => {
        made.open = box.open = true;
        box.scrollIntoView({ block: "center" });
        box.querySelector("summary").focus({ preventScroll: true });
      };
      made.append(box);
      listed.push({ text: project.title, kind: list.title, go, also: project.also });
    }
  }
  return { made, listed };
};
