// The list of alerts: the same four facts in the same place of every row, folded by vehicle or by rule.
import { LEVELS, duration, element, levelChip, measure, plain, plateChip } from "./format.js";
import { running, whenIn } from "./format.js";
import { t } from "./i18n.js";

const RANK = Object.fromEntries(LEVELS.map((level, rank) => [level, rank]));
const PAGE = 120; // rows drawn at once; more on demand, so that a thousand alerts stay smooth
const MOST_HELD = 1000; // as many as the server sends to a fresh page
const STATES = { firing: t("open"), resolved: t("ended"), withdrawn: t("withdrawn") };

export class AlertList {
  // `actions`: open(alert), why(alert), acknowledge(alert); acknowledge is missing where it is not allowed.
  constructor(list, actions) {
    this.list = list;
    this.actions = actions;
    this.rows = new Map();
    this.rules = {};
    this.fresh = new Set();
    this.levels = new Set(LEVELS);
    this.show = "firing";
    this.group = "vehicle";
    this.unfolded = new Set();
    this.most = PAGE;
    this.selected = "";
    this.nowMs = 0;
    this.worst = new Map();
    this.wireFilters();
    list.addEventListener("click", (event) => this.clicked(event));
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
        this.most = PAGE;
        for (const other of document.querySelectorAll("[data-show]"))
          other.setAttribute("aria-pressed", other === button);
        this.draw();
      });
    }
    const grouping = document.getElementById("alert-group");
    grouping.addEventListener("change", () => {
      this.group = grouping.value;
      this.draw();
    });
  }

  clicked({ target }) {
    const fold = target.closest("[data-fold]")?.dataset.fold;
    if (fold) {
      if (!this.unfolded.delete(fold)) this.unfolded.add(fold);
      this.draw();
      this.list.querySelector(`[data-fold="${CSS.escape(fold)}"]`)?.focus();
    }
    if (target.closest("[data-more]")) {
      this.most += PAGE;
      this.draw();
    }
    const alert = this.rows.get(target.closest("[data-id]")?.dataset.id);
    if (!alert) return;
    const action = target.closest("[data-act]")?.dataset.act ?? "open";
    this.actions[action]?.(alert);
  }

  replace(alerts, nowMs) {
    this.rows = new Map(alerts.map((alert) => [alert.id, alert]));
    this.nowMs = nowMs;
    this.changed();
  }

  // Returns the alerts that were not there before.
  change(alerts, nowMs) {
    this.nowMs = nowMs;
    const fresh = alerts.filter((alert) => !this.rows.has(alert.id) && !alert.retrospective);
    for (const alert of fresh) this.fresh.add(alert.id);
    for (const alert of alerts) this.rows.set(alert.id, alert);
    this.trim();
    if (alerts.length) this.changed();
    return fresh;
  }

  // A page that stays open all night holds no more than a fresh one: the oldest ended ones go.
  trim() {
    const over = this.rows.size - MOST_HELD;
    if (over <= 0) return;
    const ended = [...this.rows.values()].filter(({ state }) => state !== "firing");
    for (const { id } of ended.sort((a, b) => a.fired - b.fired).slice(0, over)) this.rows.delete(id);
  }

  changed() {
    this.worst.clear();
    for (const { vehicle, severity, state } of this.rows.values()) {
      const known = this.worst.get(vehicle);
      if (state === "firing" && (!known || RANK[severity] < RANK[known])) this.worst.set(vehicle, severity);
    }
    this.draw();
  }

  of(vehicle) {
    return this.open().filter((alert) => alert.vehicle === vehicle);
  }

  // Open ones, the gravest and newest first.
  open() {
    return [...this.rows.values()].filter((alert) => alert.state === "firing").sort(byWeight);
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
    wanted.sort(byWeight);
    const focused = document.activeElement?.closest?.("#alert-list [data-id]")?.dataset.id;
    const shown = wanted.slice(0, this.most);
    const items = this.group === "none" ? shown.map((alert) => this.item(alert)) : this.groups(shown);
    if (wanted.length > shown.length) items.push(moreItem(wanted.length - shown.length));
    else if (this.rows.size >= MOST_HELD) items.push(cutItem());
    const top = this.list.scrollTop;
    this.list.replaceChildren(...items);
    this.list.scrollTop = top;
    const again = focused && this.list.querySelector(`[data-id="${focused}"] .alert-open`);
    again?.focus({ preventScroll: true });
    this.fresh.clear();
    document.getElementById("alerts-count").value = wanted.length;
    document.getElementById("alerts-empty").hidden = wanted.length > 0;
  }

  groups(alerts) {
    const key = this.group === "rule" ? (alert) => alert.rule : (alert) => alert.vehicle;
    const found = new Map();
    for (const alert of alerts) found.set(key(alert), [...(found.get(key(alert)) ?? []), alert]);
    const items = [];
    for (const [name, [first, ...rest]] of found) {
      const unfolded = this.unfolded.has(name);
      items.push(this.item(first, rest.length ? foldButton(name, rest.length, unfolded) : null));
      if (unfolded) items.push(...rest.map((alert) => this.item(alert, null, "inner")));
    }
    return items;
  }

  item(alert, fold = null, className = "") {
    const ended = alert.state !== "firing";
    const classes = ["alert", alert.severity, ended && "ended", this.fresh.has(alert.id) && "fresh"];
    const row = element("div", classes.filter(Boolean).join(" "), "", {
      "data-id": alert.id,
      "aria-current": alert.id === this.selected,
    });
    const open = element("button", "alert-open", "", { type: "button" });
    const name = element("span", "name");
    name.append(levelChip(alert.severity), element("span", "", this.ruleName(alert)));
    const who = element("span", "who");
    who.append(plateChip(alert.plate || alert.vehicle, alert.colour), element("span", "", alert.goods));
    open.append(name, this.clock(alert), element("span", "what", this.what(alert)), who);
    open.append(element("span", `pill ${alert.state}`, stateOf(alert)));
    row.append(open, this.deeds(alert, fold));
    const item = element("li", className);
    item.append(row);
    return item;
  }

  // Running since it fired while it is open, the moment once it has ended.
  clock(alert) {
    const when = whenIn(alert.fired, this.nowMs);
    if (alert.state !== "firing") return element("time", "", when);
    const since = Math.max(0, Math.round((this.nowMs - alert.fired) / 1000));
    return element("time", "running", running(since), { "data-since": alert.fired, title: when });
  }

  // Called once a second.
  run(nowMs) {
    this.nowMs = nowMs;
    for (const clock of this.list.querySelectorAll("[data-since]"))
      clock.textContent = running(Math.max(0, Math.round((nowMs - clock.dataset.since) / 1000)));
  }

  deeds(alert, fold) {
    const box = element("span", "deeds");
    box.append(element("button", "quiet", t("Why"), { type: "button", "data-act": "why" }));
    if (alert.acknowledged) box.append(acknowledged(alert, this.nowMs));
    else if (this.actions.acknowledge && alert.state === "firing") box.append(acknowledgeButton());
    if (alert.holder) box.append(element("span", "holder", t("handled by {name}", { name: alert.holder })));
    if (fold) box.append(fold);
    return box;
  }

  what(alert) {
    const rule = this.rules[alert.rule];
    const seconds = Math.max(1, Math.round((alert.last_hit - alert.opened) / 1000));
    const lasted = t("for {time}", { time: duration(seconds) });
    return [plain(alert.object_name), measure(alert.value, rule?.unit), lasted].filter(Boolean).join(" · ");
  }
}

const byWeight = (a, b) =>
  (b.state === "firing") - (a.state === "firing") ||
  (a.state === "firing" ? RANK[a.severity] - RANK[b.severity] : 0) ||
  b.fired - a.fired;

function stateOf(alert) {
  const state = STATES[alert.state] ?? alert.state;
  const late = alert.retrospective && alert.state !== "withdrawn";
  return late ? `${state} · ${t("found afterwards")}` : state;
}

function acknowledged(alert, nowMs) {
  const time = whenIn(alert.acknowledged, nowMs);
  const name = alert.acknowledged_by;
  const text = name ? t("seen by {name} {time}", { name, time }) : t("seen {time}", { time });
  return element("span", "seen", text);
}

const acknowledgeButton = () =>
  element("button", "acknowledge", t("Acknowledge"), { type: "button", "data-act": "acknowledge" });

function foldButton(name, count, unfolded) {
  const text = unfolded ? t("fold") : t("{count} more", { count });
  return element("button", "fold", text, { type: "button", "data-fold": name, "aria-expanded": unfolded });
}

// What the list cannot hold is said where it ends.
const cutItem = () =>
  element("li", "more", t("Only {most} alerts are held here; see the page Alerts.", { most: MOST_HELD }));

function moreItem(count) {
  const item = element("li", "more");
  const text = t("Show more ({count})", { count });
  item.append(element("button", "quiet", text, { type: "button", "data-more": "" }));
  return item;
}
