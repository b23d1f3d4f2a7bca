// The way behind each truck, in speed colours, on one canvas; a gap stays a gap.
import { NO_PLACE } from "./fleet.js";
import { SPEED_STEPS, speedStep } from "./speed.js";

const BEHIND_MS = 5 * 60_000;
const FOLLOWED_MS = 60 * 60_000; // of the truck that is followed, or is the only one
export const MOST_TRAILS = 500; // with more trucks only the followed one trails
const UNKNOWN = "#7f95b2";

export const Trails = L.Renderer.extend({
  initialize(tape) {
    L.Renderer.prototype.initialize.call(this, { padding: 0.05, pane: "trail" });
    Object.assign(this, { tape, moment: 0, followed: -1 });
  },

  _initContainer() {
    this._container = L.DomUtil.create("canvas", "trails-canvas");
    this._context = this._container.getContext("2d");
  },

  _destroyContainer() {
    this._container.remove();
  },

  _onZoomEnd() {},
  _updatePaths() {},

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const unit = Math.min(2, devicePixelRatio || 1);
    const size = this._bounds.getSize();
    L.DomUtil.setPosition(this._container, this._bounds.min);
    Object.assign(this._container, { width: size.x * unit, height: size.y * unit });
    Object.assign(this._container.style, { width: `${size.x}px`, height: `${size.y}px` });
    this._context.setTransform(unit, 0, 0, unit, -this._bounds.min.x * unit, -this._bounds.min.y * unit);
    this.draw();
  },

  show(moment, followed) {
    Object.assign(this, { moment, followed });
    if (this._map && !this._map._animatingZoom) this.draw();
  },

  draw() {
    const { min, max } = this._bounds;
    this._context.clearRect(min.x, min.y, max.x - min.x, max.y - min.y);
    Object.assign(this._context, { lineCap: "round", lineJoin: "round" });
    const all = this.tape.length <= MOST_TRAILS;
    for (let row = 0; row < this.tape.length; row++)
      if (all || row === this.followed) this.drawOne(row, row === this.followed || this.tape.length === 1);
  },

  drawOne(row, long) {
    const { tape, moment } = this;
    const last = tape.spot[row];
    if (last < 0) return;
    const since = moment - (long ? FOLLOWED_MS : BEHIND_MS);
    let from = this.point(tape.lon[row], tape.lat[row]);
    if (!from) return;
    for (let fix = last; fix >= tape.first[row] && tape.t[fix] >= since; fix--) {
      const to = this.point(tape.fixLon[fix], tape.fixLat[fix]);
      if (fix === last || tape.t[fix + 1] - tape.t[fix] <= tape.stale[row]) {
        this._context.strokeStyle = SPEED_STEPS[speedStep(tape.fixSpeed[fix])]?.colour ?? UNKNOWN;
        this._context.globalAlpha = 0.25 + 0.7 * Math.max(0, 1 - (moment - tape.t[fix]) / (moment - since));
        this._context.lineWidth = long ? 4 : 2.5;
        this._context.beginPath();
        this._context.moveTo(from.x, from.y);
        this._context.lineTo(to.x, to.y);
        this._context.stroke();
      }
      from = to;
    }
    this._context.globalAlpha = 1;
  },

  point(lon, lat) {
    return lon === NO_PLACE ? null : this._map.latLngToLayerPoint([lat / 1e6, lon / 1e6]);
  },
});
