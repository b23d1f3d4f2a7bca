// The way of one truck: its speed as colour, its direction, its silences, the stretch of an alert.
import { clockTime, element } from "./format.js";
import { t } from "./i18n.js";
import { keyFor } from "./key.js";
import { SPEED_STEPS, speedStep } from "./speed.js";
import { TrailCursor } from "./trail-cursor.js";

const GAP_MS = 5 * 60_000;
const TICK_PX = 90;
const USUAL_MINUTES = 60;
const LONGEST_MINUTES = 24 * 60;
const UNKNOWN = "#9fb0c6";

export class Trail {
  constructor(map) {
    this.map = map;
    this.lines = L.layerGroup().addTo(map);
    this.renderer = L.canvas({ pane: "way", padding: 0.3 });
    this.cursor = new TrailCursor(map);
    this.id = "";
    map.on("zoomend", () => this.track && this.draw(this.track, { alert: this.alert }));
  }

  clear() {
    Object.assign(this, { id: "", track: null, alert: null });
    this.lines.clearLayers();
    this.cursor.clear();
    keyFor(this.map).showSpeed(false);
  }

  // The way of a vehicle up to now, back to where an alert of its opened; the alert of before stays marked.
  async show(id, { alert } = {}) {
    if (id !== this.id) this.clear();
    this.id = id;
    if (alert) this.alert = alert;
    const back = this.alert ? (Date.now() - this.alert.opened) / 60_000 + 10 : 0;
    const minutes = Math.min(LONGEST_MINUTES, Math.max(USUAL_MINUTES, Math.ceil(back)));
    const answer = await fetch(`/api/vehicles/${encodeURIComponent(id)}/trail?minutes=${minutes}`);
    if (!answer.ok) return;
    const track = await answer.json();
    if (this.id === id) this.draw(track, { alert: this.alert });
  }

  // Columns: t in ms, lon and lat in 1e-6 degrees, speed in km/h (negative: not known).
  draw(track, { alert = null } = {}) {
    Object.assign(this, { track, alert });
    this.lines.clearLayers();
    this.drawAlert();
    this.drawWay();
    this.drawTicks();
    this.drawMoments();
    this.cursor.follow(track);
    keyFor(this.map).showSpeed(track.t.length > 1);
  }

  point(n) {
    return [this.track.lat[n] / 1e6, this.track.lon[n] / 1e6];
  }

  isGap(n) {
    return this.track.t[n] - this.track.t[n - 1] > GAP_MS;
  }

  line(points, options) {
    L.polyline(points, { renderer: this.renderer, interactive: false, ...options }).addTo(this.lines);
  }

  // Neighbouring stretches of one speed are one line, lest an hour be hundreds of layers.
  drawWay() {
    const { t: times, speed = [] } = this.track;
    const steps = times.map((_, n) => speedStep(speed[n] ?? null));
    const runs = [];
    for (let n = 1; n < times.length; n++) {
      const kind = this.isGap(n) ? "gap" : steps[n];
      if (runs.at(-1)?.kind === kind && kind !== "gap") runs.at(-1).points.push(this.point(n));
      else runs.push({ kind, points: [this.point(n - 1), this.point(n)], at: n });
    }
    for (const { kind, points } of runs)
      if (kind !== "gap") this.line(points, { color: "#06101d", weight: 7, opacity: 0.75 });
    for (const { kind, points, at } of runs) {
      if (kind === "gap") this.drawGap(points, at);
      else this.line(points, { color: SPEED_STEPS[kind]?.colour ?? UNKNOWN, weight: 3.6, opacity: 1 });
    }
  }

  drawGap(points, n) {
    this.line(points, { color: UNKNOWN, weight: 2, opacity: 0.9, dashArray: "3 8" });
    const minutes = Math.round((this.track.t[n] - this.track.t[n - 1]) / 60_000);
    const words = t("No report for {minutes} min from {time}", {
      minutes,
      time: clockTime(this.track.t[n - 1]),
    });
    this.mark(points[0], "", words);
  }

  // A small arrow head every so many pixels of the way.
  drawTicks() {
    let [rest, before] = [TICK_PX / 2, null];
    for (let n = 0; n < this.track.t.length; n++) {
      const at = this.map.latLngToLayerPoint(this.point(n));
      const way = before && !this.isGap(n) ? at.subtract(before) : null;
      const length = way ? Math.hypot(way.x, way.y) : 0;
      for (; way && rest <= length; rest += TICK_PX)
        this.drawTick(before.add(way.multiplyBy(rest / length)), way.divideBy(length));
      rest -= length;
      before = at;
    }
  }

  drawTick(tip, { x, y }) {
    const back = tip.subtract([x * 7, y * 7]);
    const points = [back.add([-y * 4.5, x * 4.5]), tip, back.add([y * 4.5, -x * 4.5])];
    const places = points.map((point) => this.map.layerPointToLatLng(point));
    this.line(places, { color: "#06101d", weight: 4.5, opacity: 0.9, smoothFactor: 0 });
    this.line(places, { color: "#ffffff", weight: 2, opacity: 1, smoothFactor: 0 });
  }

  // The alert's stretch as a red border of the way, below it.
  drawAlert() {
    if (!this.alert) return;
    const end = this.alert.resolved ?? Infinity;
    const points = this.track.t
      .map((time, n) => (time >= this.alert.opened && time <= end ? this.point(n) : null))
      .filter(Boolean);
    if (points.length > 1) this.line(points, { color: "#ff4d5e", weight: 14, opacity: 0.55 });
  }

  drawMoments() {
    if (!this.alert || !this.track.t.length) return;
    const { opened, fired } = this.alert;
    this.moment(opened, "opened", t("Alert began {time}", { time: clockTime(opened) }));
    if (fired) this.moment(fired, "fired", t("Alert fired {time}", { time: clockTime(fired) }));
  }

  moment(time, kind, words) {
    const { t: times } = this.track;
    const n = times.findIndex((each) => each >= time);
    if (n >= 0 && time >= times[0]) this.mark(this.point(n), kind, words);
  }

  // A mark that tells its words to the mouse, the keyboard and a screen reader.
  mark(place, kind, words) {
    const icon = L.divIcon({ className: `trail-mark ${kind}`, iconSize: kind ? [14, 14] : [9, 9] });
    const made = L.marker(place, { icon, keyboard: true }).addTo(this.lines);
    made.getElement().setAttribute("aria-label", words);
    made.bindTooltip(element("span", "", words), { className: "map-words", direction: "top" });
  }
}
