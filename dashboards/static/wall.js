// Wall mode: full screen, large figures, no controls; the view goes from one hot spot to the next by itself.
import { element, levelChip, plain, plateChip, running } from "./format.js";
import { t } from "./i18n.js";

const EVERY_MS = 20_000;
const CLOSE_ZOOM = 15;
const AREA_ZOOM = 13;
const CELL = 20_000; // of 1e-6 degrees: about 2 km

export class Wall {
  // `world`: fleet, alerts (AlertList), ruleName(alert).
  constructor(map, banner, button, world) {
    Object.assign(this, { map, banner, button, world, on: false, pinned: false, told: new Set(), spot: null });
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    button.addEventListener("click", () => this.enter(true));
    addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement && this.full) this.leave();
    });
  }

  enter(full) {
    this.on = true;
    document.body.dataset.wall = "on";
    this.map.invalidateSize();
    this.address("1");
    if (full)
      document.documentElement.requestFullscreen?.().then(
        () => (this.full = true),
        () => (this.full = false), // still large figures, in the window
      );
    clearInterval(this.timer);
    this.timer = setInterval(() => this.pinned || this.next(), EVERY_MS);
    this.next();
  }

  leave() {
    this.on = this.full = this.pinned = false;
    delete document.body.dataset.wall;
    clearInterval(this.timer);
    this.banner.replaceChildren();
    if (document.fullscreenElement) document.exitFullscreen();
    this.map.invalidateSize();
    this.address("");
    this.button.focus();
  }

  address(value) {
    const asked = new URLSearchParams(location.search);
    if (value) asked.set("wall", value);
    else asked.delete("wall");
    const query = asked.toString().replaceAll("%2C", ",");
    history.replaceState(null, "", `${location.pathname}${query ? `?${query}` : ""}${location.hash}`);
  }

  key(event) {
    if (!this.on) return;
    if (event.key === "Escape") this.leave();
    else if (event.key === "ArrowRight") this.next();
    else if (event.key === " " || event.key === "p") {
      event.preventDefault();
      this.pin();
    }
  }

  pin() {
    this.pinned = !this.pinned;
    this.draw();
  }

  // Open RED and ORANGE alerts with a place, newest and gravest first; if there are none, where trucks crowd.
  next() {
    const hot = this.world.alerts
      .open()
      .filter(({ severity, lon }) => lon !== null && (severity === "red" || severity === "orange"));
    if (hot.every(({ id }) => this.told.has(id))) this.told = new Set([this.spot?.alert?.id]);
    const alert = hot.find(({ id }) => !this.told.has(id)) ?? hot[0];
    if (alert) this.told.add(alert.id);
    const spot = alert ? { alert, place: [alert.lat, alert.lon], zoom: CLOSE_ZOOM } : this.densest();
    this.spot = spot;
    if (spot) this.go(spot);
    this.draw();
  }

  go({ alert, place, zoom }) {
    const row = alert ? this.world.fleet.row.get(alert.vehicle) : undefined;
    const centre = (row === undefined ? null : this.world.fleet.place(row)) ?? place;
    const covered = document.getElementById("alerts").offsetWidth * (innerWidth > 820 ? 0.5 : 0);
    const at = this.map.unproject(this.map.project(centre, zoom).add([covered, 0]), zoom);
    if (this.calm.matches) this.map.setView(at, zoom, { animate: false });
    else this.map.flyTo(at, zoom, { duration: 2.5 });
  }

  densest() {
    const { fleet } = this.world;
    const cells = new Map();
    let best = null;
    for (let row = 0; row < fleet.length; row++) {
      const place = fleet.place(row);
      if (!place) continue;
      const key = `${Math.floor(fleet.lon[row] / CELL)}/${Math.floor(fleet.lat[row] / CELL)}`;
      const cell = cells.get(key) ?? { count: 0, lat: 0, lon: 0 };
      cells.set(key, cell);
      cell.count++;
      cell.lat += place[0];
      cell.lon += place[1];
      if (!best || cell.count > best.count) best = cell;
    }
    if (!best) return null;
    return { count: best.count, place: [best.lat / best.count, best.lon / best.count], zoom: AREA_ZOOM };
  }

  // Called once a second.
  run(nowMs) {
    this.nowMs = nowMs;
    if (this.on) this.draw();
  }

  draw() {
    if (!this.on) return;
    const text = this.pinned ? t("Pinned – press Space to go on") : t("Pin (Space)");
    const state = element("button", "pin", text, { type: "button", "aria-pressed": this.pinned });
    state.addEventListener("click", () => this.pin());
    const leave = element("button", "pin", t("Leave wall mode (Esc)"), { type: "button" });
    leave.addEventListener("click", () => this.leave());
    const buttons = element("div", "pins");
    buttons.append(state, leave);
    const focused = this.banner.contains(document.activeElement);
    this.banner.replaceChildren(...this.words(), buttons);
    if (focused) state.focus();
  }

  words() {
    const { alert, count } = this.spot ?? {};
    if (!alert) {
      const calm = count
        ? t("No open red or orange alert · busiest area: {count} trucks", { count })
        : t("No open red or orange alert");
      return [element("strong", "", calm)];
    }
    const now = this.world.alerts.rows.get(alert.id) ?? alert;
    const since = Math.max(0, Math.round(((now.resolved ?? this.nowMs ?? now.fired) - now.fired) / 1000));
    return [
      levelChip(now.severity),
      element("strong", "", this.world.alerts.ruleName(now)),
      plateChip(now.plate || now.vehicle, now.colour),
      element("span", "", [now.goods, plain(now.object_name)].filter(Boolean).join(" · ")),
      element("time", "", now.state === "firing" ? running(since) : t("ended")),
    ];
  }
}
