// The list of alerts: the same four facts in the same place of every row.
import { element, levelChip, measure, plateChip, whenIn } from "./format.js";
import { TEXTS } from "./texts.js";

const RANK = { red: 0, orange: 1, yellow: 2, blue: 3 };
const SHOWN = 200;

export class AlertList {
  constructor(list, onOpen) {
    this.list = list;
    this.onOpen = onOpen;
    this.rows = new Map();
    this.rules = {};
    this.fresh = new Set();
    this.levels = new Set(Object.keys(RANK));
    this.show = "firing";
    this.selected = "";
    this.nowMs = 0;
    this.wireFilters();
    list.addEventListener("click", (event) => {
      const id = event.target.closest("[data-id]")?.dataset.id;
      if (id) onOpen(this.rows.get(id));
    });
  }

  wireFilters() {
    for (const button of document.querySelectorAll("[data-level]")) {
      button.addEventListener("click", () => {
        const on = !this.levels.delete(button.dataset.level);
        if (on) this.levels.add(button.dataset.level);
        button.setAttribute("aria-pressed", on);
        this.draw();
      });
    }
    for (const button of document.querySelectorAll("[data-show]")) {
      button.addEventListener("click", () => {
        this.show = button.dataset.show;
        for (const other of document.querySelectorAll("[data-show]"))
          other.setAttribute("aria-pressed", other === button);
        this.draw();
      });
    }
  }

  replace(alerts, nowMs) {
    this.rows = new Map(alerts.map((alert) => [alert.id, alert]));
    this.nowMs = nowMs;
    this.draw();
  }

  change(alerts, nowMs) {
    this.nowMs = nowMs;
    for (const alert of alerts) {
      if (!this.rows.has(alert.id) && !alert.retrospective) this.fresh.add(alert.id);
      this.rows.set(alert.id, alert);
    }
    if (alerts.length) this.draw();
  }

  of(vehicle) {
    return [...this.rows.values()].filter((alert) => alert.vehicle === vehicle && alert.state === "firing");
  }

  select(id) {
    this.selected = id;
    for (const row of this.list.querySelectorAll("[data-id]"))
      row.setAttribute("aria-current", row.dataset.id === id);
  }

  ruleName(alert) {
    return this.rules[alert.rule]?.name ?? alert.rule;
  }

  draw() {
    const wanted = [...this.rows.values()].filter(
      (alert) => this.levels.has(alert.severity) && (this.show === "all" || alert.state === this.show),
    );
    wanted.sort((a, b) =>
      a.state !== b.state
        ? a.state === "firing"
          ? -1
          : 1
        : a.state === "firing"
          ? RANK[a.severity] - RANK[b.severity] || b.fired - a.fired
          : b.fired - a.fired,
    );
    this.list.replaceChildren(...wanted.slice(0, SHOWN).map((alert) => this.item(alert)));
    this.fresh.clear();
    document.getElementById("alerts-count").value = wanted.length;
    document.getElementById("alerts-empty").hidden = wanted.length > 0;
  }

  state(alert) {
    const state = TEXTS.alertStates[alert.state];
    return alert.retrospective && alert.state !== "withdrawn" ? `${state}·${TEXTS.retrospective}` : state;
  }

  item(alert) {
    const ended = alert.state !== "firing";
    const row = element(
      "button",
      `alert ${alert.severity}${ended ? " ended" : ""}${this.fresh.has(alert.id) ? " fresh" : ""}`,
      "",
      {
        type: "button",
        "data-id": alert.id,
        "aria-current": alert.id === this.selected,
      },
    );
    const name = element("span", "name");
    name.append(levelChip(alert.severity), element("span", "", this.ruleName(alert)));
    const who = element("span", "who");
    who.append(plateChip(alert.plate || alert.vehicle, alert.colour), element("span", "", alert.goods));
    row.append(
      name,
      element("time", "", whenIn(alert.fired, this.nowMs)),
      element("span", "what", this.what(alert)),
      who,
      element("span", `pill ${alert.state}`, this.state(alert)),
    );
    const item = element("li");
    item.append(row);
    return item;
  }

  what(alert) {
    const rule = this.rules[alert.rule];
    const lasted = TEXTS.lasted(
      TEXTS.duration(Math.max(1, Math.round((alert.last_hit - alert.opened) / 1000))),
    );
    const place = (alert.object_name || "").replaceAll(TEXTS.illustrative, "");
    return [place, measure(alert.value, rule?.unit), lasted].filter(Boolean).join(" · ");
  }
}
