// Our own Leaflet layer: trucks written as pixels into one ImageData, so that thousands cost milliseconds.
import { NO_PLACE, STATE } from "./fleet.js";
import { HEADINGS, makeSprites } from "./sprites.js";

const GLIDE_MS = 950;
const FRAME_MS = 66;
const ARROWS_FROM_ZOOM = 13;
const DOTS_FROM_ZOOM = 11.8;
const ORDER = [STATE.OFFLINE, STATE.STOPPED, STATE.MOVING, STATE.WARNED, STATE.SERIOUS];
const WORLD = 256 / 360e6;

function blit(words, width, height, sprite, x, y) {
  const { offsets, words: colours } = sprite;
  for (let n = 0; n < colours.length; n++) {
    const px = x + offsets[2 * n];
    const py = y + offsets[2 * n + 1];
    if (px < 0 || py < 0 || px >= width || py >= height) continue;
    const at = py * width + px;
    const colour = colours[n];
    const alpha = colour >>> 24;
    if (alpha > 250 || words[at] === 0) words[at] = colour;
    else words[at] = blend(words[at], colour, alpha);
  }
}

function blend(under, over, alpha) {
  const rest = 255 - alpha;
  const red = ((over & 255) * alpha + (under & 255) * rest) >> 8;
  const green = (((over >> 8) & 255) * alpha + ((under >> 8) & 255) * rest) >> 8;
  const blue = (((over >> 16) & 255) * alpha + ((under >> 16) & 255) * rest) >> 8;
  return ((Math.max(alpha, under >>> 24) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

export const TruckLayer = L.Renderer.extend({
  initialize(fleet, options) {
    L.Renderer.prototype.initialize.call(this, { padding: 0.08, pane: "trucks", ...options });
    this._fleet = fleet;
    this._hidden = new Set();
    this._selected = -1;
    this._still = matchMedia("(prefers-reduced-motion: reduce)");
    this.frames = 0;
  },

  _initContainer() {
    this._container = L.DomUtil.create("canvas", "truck-canvas");
    this._context = this._container.getContext("2d", { willReadFrequently: false });
  },

  _destroyContainer() {
    this._container.remove();
    delete this._context;
    delete this._container;
  },

  _onZoomEnd() {},
  _updatePaths() {},

  getEvents() {
    return { ...L.Renderer.prototype.getEvents.call(this), move: this._wake };
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const unit = Math.min(2, devicePixelRatio || 1);
    const size = this._bounds.getSize();
    L.DomUtil.setPosition(this._container, this._bounds.min);
    const [width, height] = [Math.round(size.x * unit), Math.round(size.y * unit)];
    if (width !== this._image?.width || height !== this._image?.height || unit !== this._unit) {
      this._unit = unit;
      this._sprites = makeSprites(unit);
      Object.assign(this._container, { width, height });
      Object.assign(this._container.style, { width: `${size.x}px`, height: `${size.y}px` });
      this._image = this._context.createImageData(width, height);
      this._words = new Uint32Array(this._image.data.buffer);
    }
    this.draw(performance.now());
  },

  changed() {
    if (!this._map) return;
    this._wake();
  },

  hideStates(states) {
    this._hidden = states;
    this._wake();
  },

  select(row) {
    this._selected = row;
    this._wake();
  },

  _wake() {
    if (this._frame) return;
    this._frame = requestAnimationFrame((now) => {
      this._frame = 0;
      const early = now - (this._drawnAt ?? 0) < FRAME_MS;
      const gliding = early ? true : this.draw(now);
      if (gliding) this._wake();
    });
  },

  // Screen place of a truck now, in canvas pixels; null when it has none.
  _place(row, now, scale, left, top) {
    const fleet = this._fleet;
    if (fleet.lon[row] === NO_PLACE || this._hidden.has(fleet.state[row])) return null;
    const share = this._still.matches ? 1 : Math.min(1, (now - fleet.movedAt[row]) / GLIDE_MS);
    const lon = fleet.fromLon[row] + (fleet.lon[row] - fleet.fromLon[row]) * share;
    const lat = fleet.fromLat[row] + (fleet.lat[row] - fleet.fromLat[row]) * share;
    const sine = Math.sin((lat * Math.PI) / 180e6);
    const x = (lon * WORLD + 128) * scale - left;
    const y = (128 - (Math.log((1 + sine) / (1 - sine)) * 64) / Math.PI) * scale - top;
    return [x, y, share < 1];
  },

  // Draw all trucks as they stand at a moment; whether any is still gliding.
  draw(now) {
    if (!this._map || this._map._animatingZoom) return false;
    const { _words: words, _unit: unit, _sprites: sprites, _fleet: fleet } = this;
    const { width, height } = this._image;
    const scale = this._map.options.crs.scale(this._zoom) / 256;
    const origin = this._map.getPixelOrigin().add(this._bounds.min);
    const places = ORDER.map(() => []);
    let gliding = false;
    for (let row = 0; row < fleet.length; row++) {
      const place = this._place(row, now, scale, origin.x, origin.y);
      if (!place) continue;
      const x = Math.round(place[0] * unit);
      const y = Math.round(place[1] * unit);
      if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
      gliding ||= place[2];
      places[ORDER.indexOf(fleet.state[row])].push(row, x, y);
    }
    words.fill(0);
    for (const found of places) {
      for (let n = 0; n < found.length; n += 3)
        this._drawTruck(words, width, height, sprites, found[n], found[n + 1], found[n + 2]);
    }
    this._context.putImageData(this._image, 0, 0);
    this._places = places;
    this._drawnAt = now;
    this.frames++;
    return gliding;
  },

  _drawTruck(words, width, height, sprites, row, x, y) {
    const state = this._fleet.state[row];
    if (row === this._selected) blit(words, width, height, sprites.selected, x, y);
    if (state === STATE.SERIOUS) blit(words, width, height, sprites.alarm, x, y);
    blit(words, width, height, this._sprite(row, state, sprites), x, y);
  },

  _sprite(row, state, sprites) {
    if (this._zoom < DOTS_FROM_ZOOM) return sprites.specks[state];
    if (this._zoom < ARROWS_FROM_ZOOM) return sprites.dots[state];
    const heading = this._fleet.heading[row];
    if (heading < 0 || this._fleet.speed[row] <= 3) return sprites.stops[state];
    return sprites.arrows[state][Math.round((heading * HEADINGS) / 360) % HEADINGS];
  },

  // The truck nearest to a point of the map's container, -1 if none is within reach; alerts go first.
  find(point, reach) {
    const at = this._map.containerPointToLayerPoint(point).subtract(this._bounds.min).multiplyBy(this._unit);
    let [best, least] = [-1, reach * this._unit];
    for (const found of this._places ?? []) {
      for (let n = 0; n < found.length; n += 3) {
        const distance = Math.hypot(found[n + 1] - at.x, found[n + 2] - at.y);
        if (distance <= least) [best, least] = [found[n], distance];
      }
    }
    return best;
  },
});
