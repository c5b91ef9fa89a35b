// Elements and words. Text from data becomes text nodes here, and nowhere is it read as HTML.
window.qpvMap = { shows: () => true };

// A number keeps its unit and a word its punctuation on the same line, as French wants it.
qpvMap.tied = (text) =>
  text
    .replace(/ ([»:;?!])/g, "\u00a0$1")
    .replace(/« /g, "«\u00a0")
    .replace(/(\d) (m|m²|km|ha|%|€)(?![\p{L}\p{N}])/gu, "$1\u00a0$2");

qpvMap.element = function (tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const part of [].concat(content === undefined || content === null ? [] : content)) {
    made.append(typeof part === "string" ? qpvMap.tied(part) : part);
  }
  return made;
};

// Same rule as qpv_geo.text_normalisation.fold: no case, no accents, no punctuation.
qpvMap.fold = function (text) {
  const plain = text.replace(/œ/gi, "oe").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) || []).join(" ");
};

qpvMap.lines = function (lines) {
  const list = qpvMap.element("dl", "qpv-lines");
  for (const [label, value] of lines || []) {
    list.append(qpvMap.element("dt", "", label), qpvMap.element("dd", "", value));
  }
  return list;
};

qpvMap.popup = function (told) {
  const { element, lines } = qpvMap;
  const box = element("div", "qpv-popup", [element("h2", "", told.title), lines(told.lines)]);
  if (told.note) box.append(element("p", "qpv-note", told.note));
  for (const project of told.projects || []) {
    box.append(element("section", "", [element("h3", "", project.title), lines(project.lines)]));
  }
  return box;
};
