// Search by plate, enterprise, waybill, UN number or goods: a combobox over the fleet and the server.
import { element, plateChip } from "./format.js";
import { t, tn } from "./i18n.js";

const WAIT_MS = 200;
const SHOWN = 20;
const bare = (text) => text.toUpperCase().replace(/[\s·•.\-]/g, "");
const FOUND_BY = { plate: t("plate"), waybill: t("waybill"), carrier: t("enterprise"), goods: t("goods") };

export class Search {
  // `chosen(id)` is told the vehicle that somebody picked.
  constructor({ input, list, said }, fleet, chosen) {
    Object.assign(this, { input, list, said, fleet, chosen, found: [], active: -1 });
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    input.form.addEventListener("submit", (event) => event.preventDefault());
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.pick(Number(event.target.closest("[role=option]")?.dataset.n ?? -1));
    });
  }

  typed() {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (!text) {
      this.close();
      return;
    }
    this.show(this.local(text));
    this.timer = setTimeout(() => this.ask(text), WAIT_MS);
  }

  // What the page itself knows: trucks on the map by plate.
  local(text) {
    const wanted = bare(text);
    const found = [];
    for (let row = 0; wanted && row < this.fleet.length && found.length < SHOWN; row++) {
      if (!bare(this.fleet.plate[row]).includes(wanted)) continue;
      const [id, plate, colour] = [this.fleet.id[row], this.fleet.plate[row], this.fleet.colour[row]];
      found.push({ id, plate, colour, found_by: "plate", carrier: "", goods: "", waybill: "" });
    }
    return found;
  }

  async ask(text) {
    try {
      const answer = await fetch(`/api/search?q=${encodeURIComponent(text)}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const rows = await answer.json();
      if (text !== this.input.value.trim()) return;
      const known = new Set(rows.map(({ id }) => id));
      this.show([...rows, ...this.local(text).filter(({ id }) => !known.has(id))].slice(0, SHOWN), true);
    } catch {
      this.said.textContent = t("The search got no answer; trucks on the map are searched alone");
    }
  }

  show(rows, complete = false) {
    const at = this.found[this.active]?.id;
    this.found = rows;
    this.list.replaceChildren(...rows.map((row, n) => option(row, n)));
    if (complete && !rows.length) this.list.append(element("li", "none", t("Nothing found")));
    this.list.hidden = !rows.length && !complete;
    this.input.setAttribute("aria-expanded", !this.list.hidden);
    this.mark(rows.findIndex(({ id }) => id === at));
    if (complete) this.said.textContent = tn("{count} vehicle found", "{count} vehicles found", rows.length);
  }

  mark(n) {
    this.active = n;
    for (const [place, each] of [...this.list.querySelectorAll("[role=option]")].entries()) {
      each.setAttribute("aria-selected", place === n);
      if (place === n) each.scrollIntoView({ block: "nearest" });
    }
    if (n < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `found-${n}`);
  }

  key(event) {
    const count = this.found.length;
    if (event.key === "Escape" && !this.list.hidden) {
      this.close();
      event.stopPropagation();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.mark(this.active < 0 && step < 0 ? count - 1 : (this.active + step + count) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.pick(Math.max(0, this.active));
    }
  }

  pick(n) {
    const row = this.found[n];
    if (!row) return;
    this.input.value = row.plate;
    this.close();
    this.chosen(row.id);
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }
}

function option(row, n) {
  const known = { role: "option", id: `found-${n}`, "data-n": n, "aria-selected": "false" };
  const item = element("li", "", "", known);
  const goods = row.goods ? `${row.goods} ${row.un}` : "";
  const why = row.found_by === "waybill" ? row.waybill : goods;
  item.append(plateChip(row.plate, row.colour));
  item.append(element("span", "found", [row.carrier, why].filter(Boolean).join(" · ")));
  item.append(element("small", "", FOUND_BY[row.found_by] ?? ""));
  return item;
}
