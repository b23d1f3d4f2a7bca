// A point on a trail that tells time and speed: under the mouse, or moved along with the arrow keys.
import { clockTime, element } from "./format.js";
import { t } from "./i18n.js";

const REACH_PX = 12;
const MOVES = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

export class TrailCursor {
  constructor(map) {
    this.map = map;
    this.track = null;
    this.n = 0;
    const icon = L.divIcon({ className: "trail-mark trail-cursor", iconSize: [12, 12] });
    this.marker = L.marker([0, 0], { icon, interactive: false, keyboard: true, zIndexOffset: 500 });
    this.marker.bindTooltip("", { className: "map-words", direction: "top", offset: [0, -6] });
    map.on("mousemove", ({ containerPoint }) => this.track && this.point(containerPoint));
  }

  clear() {
    this.track = null;
    this.marker.remove();
  }

  // Stay on the same moment when the trail grows; a new one begins at its end.
  follow(track) {
    const moment = this.track?.t[this.n];
    const last = track.t.length - 1;
    const atEnd = !this.track || this.n === this.track.t.length - 1;
    this.track = track;
    if (last < 1) return this.clear();
    const same = atEnd ? -1 : track.t.indexOf(moment);
    this.n = same < 0 ? last : same;
    if (!this.map.hasLayer(this.marker)) this.begin();
    this.show();
  }

  begin() {
    this.marker.setLatLng(this.place(this.n)).addTo(this.map);
    const handle = this.marker.getElement();
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", t("Point on the trail"));
    handle.addEventListener("keydown", (event) => this.key(event));
    handle.addEventListener("focus", () => this.marker.openTooltip());
    handle.addEventListener("blur", () => this.marker.closeTooltip());
  }

  place(n) {
    return [this.track.lat[n] / 1e6, this.track.lon[n] / 1e6];
  }

  key(event) {
    const last = this.track.t.length - 1;
    const wanted = { Home: 0, End: last }[event.key] ?? this.n + (MOVES[event.key] ?? NaN);
    if (Number.isNaN(wanted)) return;
    event.preventDefault();
    event.stopPropagation();
    this.go(Math.min(last, Math.max(0, wanted)));
    this.map.panInside(this.place(this.n), { padding: [40, 40] });
  }

  go(n) {
    this.n = n;
    this.show();
    this.marker.openTooltip();
  }

  show() {
    const { t: times, speed } = this.track;
    const time = clockTime(times[this.n]);
    const kmh = speed?.[this.n] ?? -1;
    const words = kmh < 0 ? time : t("{time} · {speed} km/h", { time, speed: kmh });
    this.marker.setLatLng(this.place(this.n)).setTooltipContent(element("span", "", words));
    const handle = this.marker.getElement();
    const values = { valuemin: 0, valuemax: times.length - 1, valuenow: this.n, valuetext: words };
    for (const [name, value] of Object.entries(values)) handle.setAttribute(`aria-${name}`, value);
  }

  point(at) {
    let [best, least] = [-1, REACH_PX];
    for (let n = 0; n < this.track.t.length; n++) {
      const distance = this.map.latLngToContainerPoint(this.place(n)).distanceTo(at);
      if (distance < least) [best, least] = [n, distance];
    }
    if (best >= 0) this.go(best);
    else if (document.activeElement !== this.marker.getElement()) this.marker.closeTooltip();
  }
}
