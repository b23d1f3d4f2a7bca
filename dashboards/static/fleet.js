// The trucks of the stream as columns; what the canvas draws and a click finds.
export const NO_PLACE = -(2 ** 31);
export const STATE = { MOVING: 0, STOPPED: 1, OFFLINE: 2, WARNED: 3, SERIOUS: 4 };
const COLUMNS = ["lon", "lat", "speed", "heading", "state", "phase"];
const DRAWN = ["lon", "lat", "speed", "heading", "state"];

// Whether a tick changes anything that the canvas draws; trucks that stand still report all the same.
export const looksDifferent = (tick) =>
  Boolean(tick.new) || DRAWN.some((name) => tick[name].some((step) => step !== 0));

export class Fleet {
  constructor() {
    this.clear();
  }

  clear() {
    this.length = 0;
    this.id = [];
    this.plate = [];
    this.colour = [];
    this.row = new Map();
    this.fromLon = new Float64Array(0);
    this.fromLat = new Float64Array(0);
    this.movedAt = new Float64Array(0);
    this.heard = new Float64Array(0);
    for (const name of COLUMNS) this[name] = new Int32Array(0);
  }

  // A whole scene; what stood here before is forgotten.
  replace(snapshot, nowMs) {
    this.clear();
    this.append(snapshot.new);
    for (let row = 0; row < this.length; row++) this.add(snapshot, row, row, nowMs);
    this.fromLon.set(this.lon);
    this.fromLat.set(this.lat);
    this.movedAt.fill(-Infinity);
  }

  // One tick's changes, each row as its distance from the one before; returns the rows that changed.
  apply(tick, nowMs) {
    if (tick.new) this.append(tick.new);
    let row = 0;
    return tick.i.map((step, n) => {
      row += step;
      this.add(tick, n, row, nowMs);
      return row;
    });
  }

  append(names) {
    for (let n = 0; n < names.id.length; n++) this.row.set(names.id[n], this.length + n);
    this.id.push(...names.id);
    this.plate.push(...names.plate);
    this.colour.push(...names.colour);
    this.length = this.id.length;
    this.grow();
  }

  grow() {
    if (this.lon.length >= this.length) return;
    const size = Math.max(1024, this.length * 2);
    for (const name of [...COLUMNS, "fromLon", "fromLat", "movedAt", "heard"]) {
      const wider = new this[name].constructor(size);
      wider.set(this[name]);
      this[name] = wider;
    }
  }

  // Numbers come as what is to be added to those there; a new truck begins with zeros.
  add(source, n, row, nowMs) {
    const known = this.lon[row] !== 0 && this.lon[row] !== NO_PLACE;
    const [lon, lat] = [this.lon[row], this.lat[row]];
    for (const name of COLUMNS) this[name][row] += source[name][n];
    this.fromLon[row] = known ? lon : this.lon[row];
    this.fromLat[row] = known ? lat : this.lat[row];
    this.movedAt[row] = nowMs;
    this.heard[row] = source.at - source.age[n] * 1000;
  }

  // Leaflet's place of a truck, null if it has none.
  place(row) {
    return this.lon[row] === NO_PLACE ? null : [this.lat[row] / 1e6, this.lon[row] / 1e6];
  }
}
