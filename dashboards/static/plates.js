// Plates beside trucks: the chosen truck, those with an alert, and near the ground all that fit.
import { STATE } from "./fleet.js";
import { plateText } from "./format.js";
import { FONT, Free, boxesOf } from "./labels.js";

const SERIOUS_FROM_ZOOM = 12.5;
const WARNED_FROM_ZOOM = 13.5;
const ALL_FROM_ZOOM = 16;
const [HEIGHT, GAP] = [18, 10];
const EDGES = ["#43bdfb", "#8ba2c0", "#66788f", "#ffc233", "#ff4d5e"];
// Where a plate may stand, from its truck: right, left, above, below.
const SIDES = [
  [GAP, -HEIGHT / 2, 0],
  [-GAP, -HEIGHT / 2, -1],
  [0, -GAP - HEIGHT, -0.5],
  [0, GAP, -0.5],
];

export class PlateLabels {
  constructor(fleet) {
    this.fleet = fleet;
    this.canvas = L.DomUtil.create("canvas", "plate-canvas");
    this.context = this.canvas.getContext("2d");
    this.chips = new Map();
    this.sides = new Map(); // row → side, of the plates shown last: they keep their place while it is free
    this.found = [];
  }

  begin(zoom, unit, selected) {
    if (unit !== this.unit) this.chips.clear();
    Object.assign(this, { zoom, unit, selected });
    this.had = this.found.length > 0;
    this.found.length = 0;
  }

  wants(alerted) {
    return this.zoom >= (alerted ? SERIOUS_FROM_ZOOM : ALL_FROM_ZOOM);
  }

  add(row, x, y) {
    const warned = this.fleet.state[row] === STATE.WARNED;
    if (row !== this.selected && warned && this.zoom < WARNED_FROM_ZOOM) return;
    this.found.push({ row, x: x / this.unit, y: y / this.unit, rank: this.rank(row) });
  }

  rank(row) {
    if (row === this.selected) return 0;
    const state = this.fleet.state[row];
    const urgency = state === STATE.SERIOUS ? 1 : state === STATE.WARNED ? 2 : 3;
    return urgency + (this.sides.has(row) ? 0 : 0.5);
  }

  draw(map, origin) {
    if (!this.found.length && !this.had) return;
    const { context, canvas, unit } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    const names = new Free(boxesOf(map).map(([l, t, r, b]) => [
      l - origin.x, t - origin.y, r - origin.x, b - origin.y,
    ]));
    const taken = new Free([]);
    const before = this.sides;
    this.sides = new Map();
    this.found.sort((a, b) => a.rank - b.rank || a.row - b.row);
    for (const each of this.found) {
      const chip = this.chip(each.row);
      const side = chooseSide(each, chip.width / unit, before.get(each.row) ?? 0, taken, names);
      if (side < 0) continue;
      const box = boxAt(each, chip.width / unit, side);
      taken.take(box);
      this.sides.set(each.row, side);
      context.drawImage(chip, Math.round(box[0] * unit), Math.round(box[1] * unit));
    }
  }

  // A plate as a picture; the fleet may hand a row to another truck, hence the text in the key.
  chip(row) {
    const [text, state] = [plateText(this.fleet.plate[row]), this.fleet.state[row]];
    const key = `${state}${row === this.selected ? "*" : ""}${text}`;
    if (!this.chips.has(key)) {
      if (this.chips.size > 2000) this.chips.clear();
      this.chips.set(key, painted(text, row === this.selected ? "#ffffff" : EDGES[state], this.unit));
    }
    return this.chips.get(key);
  }
}

function boxAt({ x, y }, width, side) {
  const [dx, dy, share] = SIDES[side];
  const left = x + dx + share * width;
  return [left, y + dy, left + width, y + dy + HEIGHT];
}

// The side a plate had before comes first; what is urgent may lie on a name of the map.
function chooseSide(each, width, before, taken, names) {
  const sides = [before, ...SIDES.keys()];
  const free = sides.filter((side) => taken.isFree(boxAt(each, width, side)));
  const clear = free.find((side) => names.isFree(boxAt(each, width, side)));
  if (clear !== undefined) return clear;
  if (each.rank < 3 && free.length) return free[0];
  return each.rank === 0 ? before : -1;
}

function painted(text, edge, unit) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  const font = `600 12px ${FONT}`;
  context.font = font;
  canvas.width = Math.ceil((context.measureText(text).width + 12) * unit);
  canvas.height = Math.ceil(HEIGHT * unit);
  context.scale(unit, unit);
  const width = canvas.width / unit;
  context.beginPath();
  context.roundRect(0.75, 0.75, width - 1.5, HEIGHT - 1.5, 4);
  context.fillStyle = "#0a172aeb";
  context.fill();
  context.strokeStyle = edge;
  context.lineWidth = 1.25;
  context.stroke();
  Object.assign(context, { font, fillStyle: "#eaf4ff", textAlign: "center", textBaseline: "middle" });
  context.fillText(text, width / 2, HEIGHT / 2 + 0.5);
  return canvas;
}
