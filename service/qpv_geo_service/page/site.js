// A site loaded from a GeoJSON file: it takes the place of an address until it is removed.

import { byId, tell } from "./dom.js";
import { mark } from "./fields.js";
import { SITE } from "./messages.js";

const MOST_BYTES = 1_000_000;

/** The field of the site. `value` is `{name, text}`, or null without a site; `changed` is called when it changes. */
export class SiteField {
  constructor(changed) {
    this.value = null;
    this.changed = changed;
    this.input = byId("site");
    this.input.addEventListener("change", () => this.load());
    byId("site-remove").addEventListener("click", () => {
      this.set(null);
      byId("place").focus();
    });
  }

  async load() {
    const file = this.input.files[0];
    if (!file) return;
    const text = file.size > MOST_BYTES ? "" : await file.text();
    this.input.value = ""; // the same file may be chosen again, once it is mended
    const wrong = wrongSite(file, text);
    mark(this.input, wrong);
    if (!wrong) this.set({ name: file.name, text });
  }

  set(site) {
    if (site === this.value) return;
    this.value = site;
    mark(this.input, null);
    tell(byId("site-name"), site && SITE.loaded(site.name));
    byId("site-loaded").hidden = !site;
    byId("site-choice").hidden = Boolean(site);
    byId("place").disabled = Boolean(site);
    if (site) byId("site-remove").focus();
    this.changed();
  }
}

/** Why a file cannot be sent as a site, or null. */
function wrongSite(file, text) {
  if (file.size > MOST_BYTES) return SITE.tooLarge;
  try {
    return typeof JSON.parse(text.replace(/^\uFEFF/, "")).type === "string" ? null : SITE.notGeojson;
  } catch {
    return SITE.notGeojson;
  }
}
