// Our own Leaflet layer: trucks written as pixels into one ImageData, so that thousands cost milliseconds.
import { NO_PLACE, STATE } from "./fleet.js";
import { SINGLE_FROM_ZOOM, colourDensity, densityShare } from "./density.js";
import { keyFor } from "./key.js";
import { PlateLabels } from "./plates.js";
import { Positions } from "./positions.js";
import { HEADINGS, REACH, blit, blitCounted, layOut, makeSprites } from "./sprites.js";

const FRAME_MS = 15; // 60 frames a second at most
const KEPT_TIMES = 120;
const DOTS_FROM_ZOOM = 11.8;
const LARGE_FROM_ZOOM = 14.4;
const RANK = [2, 1, 0, 3, 4]; // of each state: what is drawn later lies on top
const ALERTED = RANK[STATE.WARNED];

export const TruckLayer = L.Renderer.extend({
  initialize(fleet, options) {
    L.Renderer.prototype.initialize.call(this, { padding: 0.05, pane: "trucks", ...options });
    this._fleet = fleet;
    this._hidden = new Set();
    this._mask = null;
    this._density = true;
    this._selected = -1;
    this._order = new Uint32Array(0);
    this._starts = new Uint32Array(RANK.length + 1);
    this._times = [];
    this.frames = 0;
  },

  onAdd(map) {
    this._positions = new Positions(this._fleet, placer(map.options.crs));
    this._plates = new PlateLabels(this._fleet);
    this._key = keyFor(map);
    this._stale = true;
    L.Renderer.prototype.onAdd.call(this, map);
  },

  onRemove(map) {
    this._key.showDensity(false);
    cancelAnimationFrame(this._frame);
    this._frame = 0;
    L.Renderer.prototype.onRemove.call(this, map);
  },

  _initContainer() {
    this._container = L.DomUtil.create("canvas", "truck-canvas");
    this._context = this._container.getContext("2d");
    this._plates.canvas.style.zIndex = 101; // above the names of the same pane, which have Leaflet's 100
    this._map.getPane("names").append(this._plates.canvas);
  },

  _destroyContainer() {
    this._plates.canvas.remove();
    this._container.remove();
    delete this._context;
    delete this._container;
    delete this._image;
  },

  _onZoomEnd() {},
  _updatePaths() {},

  getEvents() {
    return { ...L.Renderer.prototype.getEvents.call(this), move: this._follow };
  },

  // The whole view at once: after a zoom, a resize, a jump.
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    this._moved = true;
    this.draw(performance.now());
  },

  // While the map is dragged: with the next frame.
  _follow() {
    this._moved = true;
    this._wake();
  },

  changed() {
    this._stale = true;
    this._wake();
  },

  hideStates(states) {
    this._hidden = states;
    this.changed();
  },

  // Show only rows whose byte is not 0; rows beyond the mask are shown. Null: all.
  setFilter(mask) {
    if (mask === this._mask || (mask && this._mask && same(mask, this._mask))) return;
    this._mask = mask;
    this.changed();
  },

  setDensity(shown) {
    this._density = shown;
    this._key.showDensity(shown && densityShare(this._zoom) > 0);
    this._dirty = true;
    this._wake();
  },

  select(row) {
    this._selected = row;
    this._dirty = true;
    this._wake();
  },

  // Milliseconds that each of the last frames took in this layer.
  frameTimes() {
    return [...this._times];
  },

  _wake() {
    if (this._frame || !this._map) return;
    this._frame = requestAnimationFrame((now) => {
      this._frame = 0;
      if (!this._map || this._map._animatingZoom) return;
      if (now - (this._drawnAt ?? 0) < FRAME_MS) this._wake();
      else this.draw(now);
    });
  },

  // Draw the trucks as they stand at a moment, if that looks different from what is there.
  draw(now) {
    if (!this._map || this._map._animatingZoom) return;
    const began = performance.now();
    if (this._moved || !this._image) this._place();
    if (this._stale) this._sync(now);
    const glided = this._positions.glide(now, this._scale);
    if (this._dirty || glided) {
      this._paint();
      this._drawnAt = now;
      this.frames++;
      if (this._times.push(performance.now() - began) > KEPT_TIMES) this._times.shift();
    }
    if (this._positions.moving.length) this._wake();
  },

  // Lay the canvas over the part of the map in view.
  _place() {
    L.Renderer.prototype._update.call(this);
    const unit = Math.min(2, devicePixelRatio || 1);
    const size = this._bounds.getSize();
    const [width, height] = [Math.round(size.x * unit), Math.round(size.y * unit)];
    if (width !== this._width || height !== this._height || unit !== this._unit || !this._image)
      this._resize(width, height, unit, size);
    const origin = this._map.getPixelOrigin().add(this._bounds.min);
    this._scale = (this._map.options.crs.scale(this._zoom) / 256) * unit;
    [this._left, this._top] = [origin.x * unit, origin.y * unit];
    for (const canvas of [this._container, this._plates.canvas])
      L.DomUtil.setPosition(canvas, this._bounds.min);
    this._key.showDensity(this._density && densityShare(this._zoom) > 0);
    this._moved = false;
    this._dirty = true;
  },

  // The image is wider than the canvas on all sides by what a picture can reach: no pixel needs a check.
  _resize(width, height, unit, size) {
    if (unit !== this._unit) this._sprites = makeSprites(unit);
    Object.assign(this, { _width: width, _height: height, _unit: unit, _margin: Math.ceil(REACH * unit) });
    for (const canvas of [this._container, this._plates.canvas]) {
      Object.assign(canvas, { width, height });
      Object.assign(canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    }
    this._stride = Math.ceil((width + 2 * this._margin) / 4) * 4;
    this._image = new ImageData(this._stride, height + 2 * this._margin);
    this._words = new Uint32Array(this._image.data.buffer);
    this._counts = new Uint8Array(this._words.length);
    this._drawn = [0, height];
    layOut(this._sprites, this._stride);
  },

  _sync(now) {
    this._positions.sync(now);
    this._sort();
    this._stale = false;
    this._dirty = true;
  },

  // Rows to draw, by rank: a counting sort.
  _sort() {
    const { _fleet: fleet, _mask: mask } = this;
    const { lon, state, length } = fleet;
    if (this._order.length < length) this._order = new Uint32Array(length * 2);
    const shown = RANK.map((_, kind) => !this._hidden.has(kind));
    const drawn = (row) => lon[row] !== NO_PLACE && shown[state[row]] && (!mask || mask[row] !== 0);
    const starts = this._starts.fill(0);
    for (let row = 0; row < length; row++) if (drawn(row)) starts[RANK[state[row]] + 1]++;
    for (let rank = 0; rank < RANK.length; rank++) starts[rank + 1] += starts[rank];
    const next = starts.slice();
    for (let row = 0; row < length; row++)
      if (drawn(row)) this._order[next[RANK[state[row]]]++] = row;
  },

  _paint() {
    const { _starts: starts, _plates: plates } = this;
    const share = this._density ? densityShare(this._zoom) : 0;
    this._clear(share > 0);
    plates.begin(this._zoom, this._unit, this._selected);
    this._paintRows(0, starts[ALERTED], share > 0);
    if (share > 0) {
      const [from, to] = this._drawn;
      colourDensity(this._words, this._counts, from * this._stride, to * this._stride, share);
    }
    this._paintRows(starts[ALERTED], starts[RANK.length], false);
    this._show();
    plates.draw(this._map, this._bounds.min);
    this._dirty = false;
  },

  _clear(counted) {
    const [from, to] = this._drawn.map((line) => line * this._stride);
    this._words.fill(0, from, to);
    if (counted || this._counted) this._counts.fill(0, from, to);
    this._counted = counted;
    this._cleared = this._drawn;
    this._drawn = [Infinity, 0];
  },

  // Hand the lines that were or are drawn on to the canvas.
  _show() {
    const { _margin: margin, _drawn: drawn, _cleared: cleared } = this;
    const from = Math.max(margin, Math.min(drawn[0], cleared[0]));
    const to = Math.min(margin + this._height, Math.max(drawn[1], cleared[1]));
    if (to <= from) return;
    this._context.putImageData(this._image, -margin, -margin, margin, from, this._width, to - from);
  },

  _paintRows(start, end, counted) {
    const { _order: order, _scale: scale, _left: left, _top: top, _width: width, _height: height } = this;
    const { _words: words, _counts: counts, _stride: stride, _margin: margin, _plates: plates } = this;
    const { x: xs, y: ys } = this._positions;
    const labelled = plates.wants(start > 0);
    let [first, last] = this._drawn;
    for (let n = start; n < end; n++) {
      const row = order[n];
      const x = Math.round(xs[row] * scale - left);
      if (!(x >= 0 && x < width)) continue;
      const y = Math.round(ys[row] * scale - top);
      if (!(y >= 0 && y < height)) continue;
      const at = (y + margin) * stride + x + margin;
      if (y < first) first = y;
      if (y > last) last = y;
      if (counted && row !== this._selected) blitCounted(words, counts, at, this._sprite(row));
      else this._paintTruck(row, at);
      if (labelled || row === this._selected) plates.add(row, x, y);
    }
    this._drawn = [Math.max(0, Math.min(this._drawn[0], first)), Math.max(this._drawn[1], last + 2 * margin)];
  },

  _paintTruck(row, at) {
    if (row === this._selected) blit(this._words, at, this._sprites.selected);
    if (this._fleet.state[row] === STATE.SERIOUS) blit(this._words, at, this._sprites.alarm);
    blit(this._words, at, this._sprite(row));
  },

  _sprite(row) {
    const state = this._fleet.state[row];
    if (this._zoom < DOTS_FROM_ZOOM) return this._sprites.specks[state];
    if (this._zoom < SINGLE_FROM_ZOOM) return this._sprites.dots[state];
    const small = this._zoom < LARGE_FROM_ZOOM;
    const heading = this._fleet.heading[row];
    if (heading < 0 || this._fleet.speed[row] <= 3)
      return (small ? this._sprites.smallStops : this._sprites.stops)[state];
    const arrows = small ? this._sprites.smallArrows : this._sprites.arrows;
    return arrows[state][Math.round((heading * HEADINGS) / 360) % HEADINGS];
  },

  // The truck nearest to a point of the map's container, -1 if none is within reach; alerts go first.
  find(point, reach) {
    if (!this._image) return -1;
    const at = this._map.containerPointToLayerPoint(point).subtract(this._bounds.min).multiplyBy(this._unit);
    const { x: xs, y: ys } = this._positions;
    let [best, least] = [-1, reach * this._unit];
    for (let n = 0; n < this._starts[RANK.length]; n++) {
      const row = this._order[n];
      const across = xs[row] * this._scale - this._left - at.x;
      if (!(Math.abs(across) <= least)) continue;
      const distance = Math.hypot(across, ys[row] * this._scale - this._top - at.y);
      if (distance <= least) [best, least] = [row, distance];
    }
    return best;
  },
});

const same = (one, other) => one.length === other.length && one.every((byte, n) => byte === other[n]);

function placer(crs) {
  if (crs.place) return crs.place;
  return (lon, lat, out) => {
    const { x, y } = crs.latLngToPoint(L.latLng(lat, lon), 0);
    [out[0], out[1]] = [x, y];
  };
}
