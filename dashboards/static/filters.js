// Which trucks are shown: by state, level, phase, class of goods and enterprise; kept in the page's address.
import { LEVELS, LEVEL_NAMES, PHASES, STATES, element, hazardName, number } from "./format.js";
import { t } from "./i18n.js";

const KINDS = ["level", "phase", "class", "carrier"];
const NAMES = { level: t("Level"), phase: t("Phase"), class: t("Hazard class"), carrier: t("Enterprise") };

export class Filters {
  // `worst`: the gravest open level by vehicle; `apply(mask)`: null or a Uint8Array by row, 1 is shown.
  constructor({ panel, chips, states }, fleet, worst, apply) {
    Object.assign(this, { panel, chips, states, fleet, worst, apply });
    this.chosen = Object.fromEntries(KINDS.map((kind) => [kind, new Set()]));
    this.hidden = new Set();
    this.papers = null;
    this.version = null;
    this.boxes = {};
    this.read();
    for (const kind of KINDS) panel.append(this.group(kind));
    this.total = element("p", "total", "", { role: "status" });
    panel.append(this.total);
    for (const box of states) {
      box.checked = !this.hidden.has(Number(box.dataset.state));
      box.addEventListener("change", () => this.hide(Number(box.dataset.state), !box.checked));
    }
    this.drawChips();
  }

  get needsPapers() {
    return this.chosen.class.size > 0 || this.chosen.carrier.size > 0 || !this.panel.hidden;
  }

  get active() {
    return this.hidden.size > 0 || KINDS.some((kind) => this.chosen[kind].size > 0);
  }

  // Carrier and goods by vehicle, asked for when first needed and again with each version of the registry.
  async load(version) {
    const wanted = `${version}/${this.fleet.length}`;
    if (!this.needsPapers || this.version === wanted) return;
    this.version = wanted;
    try {
      const answer = await fetch("/api/live/papers");
      if (!answer.ok) throw new Error(String(answer.status));
      const papers = await answer.json();
      this.papers = { ...papers, row: new Map(papers.id.map((id, n) => [id, n])) };
      this.update();
    } catch {
      this.version = null; // asked again with the next tick
    }
  }

  hide(state, hidden) {
    if (hidden) this.hidden.add(state);
    else this.hidden.delete(state);
    for (const box of this.states) box.checked = !this.hidden.has(Number(box.dataset.state));
    this.changed();
  }

  toggle(kind, value) {
    if (!this.chosen[kind].delete(value)) this.chosen[kind].add(value);
    this.changed();
  }

  clear() {
    this.hidden.clear();
    for (const kind of KINDS) this.chosen[kind].clear();
    for (const box of this.states) box.checked = true;
    this.changed();
  }

  changed() {
    this.write();
    this.drawChips();
    this.update();
  }

  // A truck's value of a kind, as text.
  of(kind, row) {
    if (kind === "phase") return String(this.fleet.phase[row]);
    if (kind === "level") return this.worst.get(this.fleet.id[row]) ?? "";
    const n = this.papers?.row.get(this.fleet.id[row]);
    return n === undefined ? "" : this.papers[kind === "class" ? "class" : "carrier_id"][n];
  }

  // Called with every tick: counts every value and says which rows are shown.
  update() {
    const { fleet } = this;
    const mask = new Uint8Array(fleet.length);
    const counts = Object.fromEntries(KINDS.map((kind) => [kind, new Map()]));
    let shown = 0;
    for (let row = 0; row < fleet.length; row++) {
      let fits = !this.hidden.has(fleet.state[row]);
      for (const kind of KINDS) {
        const value = this.of(kind, row);
        if (value) counts[kind].set(value, (counts[kind].get(value) ?? 0) + 1);
        if (this.chosen[kind].size && !this.chosen[kind].has(value)) fits = false;
      }
      mask[row] = fits;
      shown += fits;
    }
    this.shown = shown;
    this.apply(this.active ? mask : null);
    this.total.textContent = t("{shown} of {all} trucks shown", {
      shown: number(shown),
      all: number(fleet.length),
    });
    if (!this.panel.hidden) for (const kind of KINDS) this.drawGroup(kind, counts[kind]);
  }

  group(kind) {
    const group = element("fieldset");
    group.append(element("legend", "", NAMES[kind]));
    this.boxes[kind] = element("div", "values");
    group.append(this.boxes[kind]);
    return group;
  }

  drawGroup(kind, counts) {
    const values = this.valuesOf(kind, counts);
    const key = JSON.stringify(values);
    const box = this.boxes[kind];
    if (box.dataset.key !== key) {
      box.dataset.key = key;
      box.replaceChildren(...values.map((value) => this.valueBox(kind, value)));
      if (!values.length) box.append(element("p", "hint", this.papers ? t("none") : t("Reading …")));
    }
    for (const label of box.children) {
      if (!label.control) continue;
      label.control.checked = this.chosen[kind].has(label.control.value);
      label.lastElementChild.value = number(counts.get(label.control.value) ?? 0);
    }
  }

  valuesOf(kind, counts) {
    if (kind === "level") return LEVELS;
    if (kind === "phase") return ["1", "2", "3", "0"];
    const found = [...new Set([...counts.keys(), ...this.chosen[kind]])];
    const name = (value) => this.name(kind, value);
    return found.sort((a, b) => name(a).localeCompare(name(b), undefined, { numeric: true }));
  }

  valueBox(kind, value) {
    const label = element("label");
    const box = element("input", "", "", { type: "checkbox", value });
    box.addEventListener("change", () => this.toggle(kind, value));
    label.append(box, element("span", "", this.name(kind, value)), element("output"));
    return label;
  }

  name(kind, value) {
    if (kind === "level") return LEVEL_NAMES[value] ?? value;
    if (kind === "phase") return PHASES[value] ?? value;
    if (kind === "class") return hazardName(value);
    const n = this.papers?.carrier_id.indexOf(value) ?? -1;
    return n < 0 ? value : this.papers.carrier[n];
  }

  drawChips() {
    const chips = [...this.hidden].map((state) =>
      this.chip(t("without {state}", { state: STATES[state] }), () => this.hide(state, false)),
    );
    for (const kind of KINDS)
      for (const value of this.chosen[kind])
        chips.push(this.chip(`${NAMES[kind]}: ${this.name(kind, value)}`, () => this.toggle(kind, value)));
    if (chips.length > 1) chips.push(this.chip(t("Clear all filters"), () => this.clear(), "all"));
    this.chips.replaceChildren(...chips);
  }

  chip(text, remove, className = "") {
    const label = t("Remove filter: {text}", { text });
    const chip = element("button", `chip ${className}`, className ? text : `${text} ×`, { type: "button" });
    if (!className) chip.setAttribute("aria-label", label);
    chip.addEventListener("click", remove);
    return chip;
  }

  read() {
    const asked = new URLSearchParams(location.search);
    const list = (name) => (asked.get(name) ?? "").split(",").filter(Boolean);
    for (const kind of KINDS) this.chosen[kind] = new Set(list(kind));
    this.hidden = new Set(list("hide").map(Number));
  }

  write() {
    const asked = new URLSearchParams(location.search);
    for (const [name, values] of [...KINDS.map((kind) => [kind, this.chosen[kind]]), ["hide", this.hidden]]) {
      if (values.size) asked.set(name, [...values].join(","));
      else asked.delete(name);
    }
    const query = asked.toString().replaceAll("%2C", ",");
    history.replaceState(null, "", `${location.pathname}${query ? `?${query}` : ""}${location.hash}`);
  }
}
