// Filters by year, scheme, theme, funder and lead: what is left of the marks, of the sums of perimeters and of popups.
qpvMap.cents = function (cents) {
  if (cents === null) return qpvMap.labels.noAmount;
  const decimals = cents % 100 ? 2 : 0;
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return `${(cents / 100).toLocaleString("fr-FR", options).replace("-", "−")}\u00a0€`;
};

qpvMap.total = (cents) => {
  const known = cents.filter((one) => one !== null);
  return known.length || !cents.length ? known.reduce((sum, one) => sum + one, 0) : null;
};

// All projects by id, as their popups tell them, and which of them are shown.
qpvMap.projects = function (told) {
  const found = new Map();
  const marks = (told.marks || []).flatMap((layer) => layer.marks);
  const listed = told.lists.flatMap(({ items }) => items);
  for (const one of [...marks, ...[...marks, ...listed].flatMap(({ projects }) => projects || [])]) {
    if ("id" in one) found.set(one.id, one);
  }
  return found;
};

qpvMap.matches = function (told, chosen, id) {
  const mine = told.facets[id];
  return Object.entries(chosen).every(([key, value]) => (mine[key] || []).includes(value));
};

qpvMap.filtering = function (map, told, areas, marks) {
  const { element, labels } = qpvMap;
  if (!told.filters?.length) return null;
  const chosen = {};
  const status = element("p", "qpv-note");
  status.setAttribute("role", "status");
  const amounts = new Map();
  for (const project of qpvMap.whole(told)) amounts.set(project.id, project.cents);
  const apply = () => {
    qpvMap.shows = (id) => qpvMap.matches(told, chosen, id);
    map.closePopup();
    for (const layer of Object.values(marks)) qpvMap.filterMarks(layer);
    if (areas.current) qpvMap.filterAreas(areas, told);
    const left = [...amounts.keys()].filter(qpvMap.shows);
    const numbers = [left.length, amounts.size].map((number) => number.toLocaleString("fr-FR"));
    const sum = qpvMap.cents(qpvMap.total(left.map((id) => amounts.get(id))));
    const sentence = left.length > 1 ? labels.filtered : labels.filteredOne;
    status.textContent = Object.keys(chosen).length
      ? qpvMap.tied([...numbers, sum].reduce((text, value) => text.replace("{}", value), sentence))
      : "";
    reset.hidden = !Object.keys(chosen).length;
  };
  const selects = told.filters.map(({ key, label, values }) => {
    const select = element("select");
    select.append(new Option(labels.every, ""), ...values.map((value, k) => new Option(value, k)));
    select.addEventListener("change", () => {
      if (select.value === "") delete chosen[key];
      else chosen[key] = Number(select.value);
      apply();
    });
    return element("label", "qpv-filter", [element("span", "", label), select]);
  });
  const reset = element("button", "qpv-reset", labels.reset);
  reset.type = "button";
  reset.hidden = true;
  reset.addEventListener("click", () => {
    for (const label of selects) label.querySelector("select").value = "";
    for (const key of Object.keys(chosen)) delete chosen[key];
    apply();
  });
  return qpvMap.section(labels.filters, [...selects, status, reset], { heading: "h2", className: "qpv-filters" });
};

// Each project once, with its whole amount: `amounts` of the document.
qpvMap.whole = (told) => Object.entries(told.amounts).map(([id, cents]) => ({ id, cents }));

qpvMap.filterMarks = function (layer) {
  if (!layer.shown) layer.clusters.removeLayers(layer.made);
  const kept = layer.told.map((one) => {
    const inside = one.projects ? one.projects.filter(({ id }) => qpvMap.shows(id)) : qpvMap.shows(one.id) ? [one] : [];
    return inside;
  });
  layer.clusters.removeLayers(layer.made);
  layer.kept = layer.made.filter((made, k) => {
    const inside = kept[k];
    const one = layer.told[k];
    made.qpvCount = inside.length;
    made.qpvCents = inside.map(({ cents }) => cents);
    if (one.projects && inside.length) qpvMap.relabel(made, one, inside);
    return inside.length;
  });
  if (layer.shown) layer.clusters.addLayers(layer.kept);
};

qpvMap.relabel = function (made, one, inside) {
  const all = inside.length === one.projects.length;
  const text = all ? one.label : qpvMap.cents(qpvMap.total(inside.map(({ cents }) => cents)));
  made.setIcon(qpvMap.pill(text, one.colour));
};

// What colours a perimeter, in cents: the sum of its parts, or that of their euros per inhabitant, each part divided
// by the inhabitants of its generation; null without a figure, as where those of one of them are not known.
qpvMap.measure = function (parts, divided) {
  if (!divided) return qpvMap.total(parts.map(([, cents]) => cents));
  const known = parts.filter(([, cents]) => cents !== null);
  if (!known.length || known.some(([, , inhabitants]) => !inhabitants)) return null;
  return Math.round(known.reduce((sum, [, cents, inhabitants]) => sum + cents / inhabitants, 0));
};

qpvMap.filterAreas = function (areas, told) {
  const { bounds, colours, divided } = told.classes;
  areas.current.layer.eachLayer((shape) => {
    const properties = shape.feature.properties;
    const left = (properties.parts || []).filter(([id]) => qpvMap.shows(id));
    const measure = left.length ? qpvMap.measure(left, divided) : null;
    const place = bounds.findIndex((bound) => measure <= bound);
    properties.fill = measure !== null && bounds.length ? colours[place < 0 ? bounds.length - 1 : place] : null;
  });
  if (areas.money) areas.money.show(areas.money.shown);
};

// The lines of a popup but those of all its projects, once some of these are not shown.
qpvMap.withoutSums = (lines) => lines.filter(([label]) => !qpvMap.labels.sums.includes(label));

// What a click on a perimeter opens: what is known of it, and its projects that are shown.
qpvMap.areaPopup = function (told, projects, properties) {
  if (!told.filters) return qpvMap.popup(properties);
  const { element, labels } = qpvMap;
  const { parts = [], lines } = properties;
  const left = parts.filter(([id]) => qpvMap.shows(id));
  const box = qpvMap.popup(left.length === parts.length ? properties : { ...properties, lines: qpvMap.withoutSums(lines) });
  const count = left.length.toLocaleString("fr-FR");
  const { divided } = told.classes;
  const sum = [qpvMap.cents(qpvMap.measure(left))];
  const per = divided ? qpvMap.measure(left, divided) : null;
  if (per !== null) sum.push(labels.perInhabitant.replace("{}", qpvMap.cents(per)));
  const heading = [count, sum.join(", ")].reduce((text, value) => text.replace("{}", value), labels.itsProjects);
  box.append(element("h3", "", left.length ? qpvMap.tied(heading) : labels.noProject));
  const list = element("ul", "qpv-projects");
  for (const [id, cents] of left) {
    list.append(element("li", "", [element("span", "", projects.get(id)?.title || id), element("strong", "", qpvMap.cents(cents))]));
  }
  box.append(list);
  return box;
};
