// Names of roads and areas on one canvas; a name that would overlap one already there is left out.
import { layerOf } from "./layers.js";

const COLOURS = {
  plant: "#c9b8ff",
  parking: "#8eeec0",
  barred: "#ff9aa8",
  timed: "#ffd97a",
  nostop: "#f0b98a",
  designated: "#d5e6f6",
  road: "#8ea9c8",
};
const PRIORITY = ["designated", "barred", "timed", "plant", "parking", "nostop", "road"];
export const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
const AREAS_FROM_ZOOM = 11.3;
const MINOR_FROM_ZOOM = 13.5;
const HALF_HEIGHT = 11;
const SAMPLE = /\uff08\u793a\u4f8b\uff09$/; // "(sample)": the attribution says so, once for all
const CELL = 64;
const layers = new WeakMap();

// Boxes [left, top, right, bottom] of the names on a map, in its layer pixels.
export const boxesOf = (map) => layers.get(map)?.boxes ?? [];

// Which boxes are taken, found by cells of a grid.
export class Free {
  constructor(boxes) {
    this.cells = new Map();
    for (const box of boxes) this.take(box);
  }

  take(box) {
    for (const cell of cellsOf(box)) {
      if (this.cells.has(cell)) this.cells.get(cell).push(box);
      else this.cells.set(cell, [box]);
    }
  }

  isFree(box) {
    const [left, top, right, bottom] = box;
    const crosses = ([l, t, r, b]) => left < r && l < right && top < b && t < bottom;
    return !cellsOf(box).some((cell) => this.cells.get(cell)?.some(crosses));
  }
}

function cellsOf([left, top, right, bottom]) {
  const cells = [];
  for (let x = Math.floor(left / CELL); x <= right / CELL; x++)
    for (let y = Math.floor(top / CELL); y <= bottom / CELL; y++) cells.push(x * 65536 + y);
  return cells;
}

// Places where a name may stand, the best first.
function anchors(geometry) {
  if (geometry.type.endsWith("Polygon")) {
    const ring = geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates[0][0];
    const box = L.latLngBounds(ring.map(([lon, lat]) => [lat, lon]));
    return [box.getCenter()];
  }
  const line = geometry.type === "LineString" ? geometry.coordinates : geometry.coordinates[0];
  return [0.5, 0.3, 0.7, 0.15, 0.85].map((share) => {
    const [lon, lat] = line[Math.min(line.length - 1, Math.floor(share * line.length))];
    return L.latLng(lat, lon);
  });
}

function nameOf({ geometry, properties }) {
  const layer = layerOf(properties);
  const minor =
    properties.kind.endsWith("road") &&
    properties.road_class !== "expressway" &&
    !(properties.lane_count > 1 && properties.kind !== "road");
  return {
    id: properties.fence_id,
    text: properties.name.replace(SAMPLE, ""),
    layer,
    minor,
    rank: PRIORITY.indexOf(layer) + (minor ? PRIORITY.length : 0),
    anchors: anchors(geometry),
  };
}

export const LabelLayer = L.Renderer.extend({
  initialize() {
    L.Renderer.prototype.initialize.call(this, { padding: 0.2, pane: "names" });
    this._names = [];
    this._kept = new Map(); // id → anchor, of the names shown last: they stay where they are
    this.boxes = [];
  },

  onAdd(map) {
    layers.set(map, this);
    L.Renderer.prototype.onAdd.call(this, map);
  },

  _initContainer() {
    this._container = L.DomUtil.create("canvas", "label-canvas");
    this._context = this._container.getContext("2d");
  },

  _destroyContainer() {
    this._container.remove();
  },

  _onZoomEnd() {},
  _updatePaths() {},

  setFeatures(features) {
    this._names = features.map(nameOf);
    if (this._map) this._update();
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    if (this._map.getZoom() !== this._zoom) this._kept.clear();
    L.Renderer.prototype._update.call(this);
    const unit = Math.min(2, devicePixelRatio || 1);
    const size = this._bounds.getSize();
    L.DomUtil.setPosition(this._container, this._bounds.min);
    Object.assign(this._container, { width: size.x * unit, height: size.y * unit });
    Object.assign(this._container.style, { width: `${size.x}px`, height: `${size.y}px` });
    this._context.setTransform(unit, 0, 0, unit, -this._bounds.min.x * unit, -this._bounds.min.y * unit);
    this._draw();
  },

  _draw() {
    const taken = new Free([]);
    const shown = this._names.filter((name) => this._isShown(name));
    const before = this._kept;
    this._kept = new Map();
    this.boxes = [];
    Object.assign(this._context, { textAlign: "center", textBaseline: "middle", lineJoin: "round" });
    shown.sort((a, b) => a.rank - b.rank || before.has(b.id) - before.has(a.id));
    for (const name of shown) {
      const spot = this._freeSpot(name, before.get(name.id), taken);
      if (spot) this._write(name, spot);
    }
  },

  _isShown({ minor, layer }) {
    if (minor && this._zoom < MINOR_FROM_ZOOM) return false;
    return this._zoom >= AREAS_FROM_ZOOM || layer === "designated";
  },

  _freeSpot(name, kept, taken) {
    this._context.font = `${name.layer === "road" ? 12 : 13}px ${FONT}`;
    const half = this._context.measureText(name.text).width / 2 + 6;
    for (const place of kept ? [kept, ...name.anchors] : name.anchors) {
      const at = this._map.latLngToLayerPoint(place);
      const box = [at.x - half, at.y - HALF_HEIGHT, at.x + half, at.y + HALF_HEIGHT];
      if (!this._bounds.contains(at) || !taken.isFree(box)) continue;
      taken.take(box);
      this.boxes.push(box);
      this._kept.set(name.id, place);
      return at;
    }
    return null;
  },

  _write(name, at) {
    this._context.strokeStyle = "#07111fd0";
    this._context.lineWidth = 3.5;
    this._context.strokeText(name.text, at.x, at.y);
    this._context.fillStyle = COLOURS[name.layer] ?? "#a9bbd2";
    this._context.fillText(name.text, at.x, at.y);
  },
});
