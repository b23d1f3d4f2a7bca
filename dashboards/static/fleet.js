// The trucks of the stream as columns; what the canvas draws and a click finds.
export const NO_PLACE = -(2 ** 31);
export const STATE = { MOVING: 0, STOPPED: 1, OFFLINE: 2, WARNED: 3, SERIOUS: 4 };
const COLUMNS = ["lon", "lat", "speed", "heading", "state", "phase"];

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
    this.write(
      snapshot,
      Array.from({ length: this.length }, (_, row) => row),
      nowMs,
    );
    this.fromLon.set(this.lon);
    this.fromLat.set(this.lat);
    this.movedAt.fill(-Infinity);
  }

  // One tick's changes; returns the rows that changed.
  apply(tick, nowMs) {
    if (tick.new) this.append(tick.new);
    this.write(tick, tick.i, nowMs);
    return tick.i;
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

  write(source, rows, nowMs) {
    for (let n = 0; n < rows.length; n++) {
      const row = rows[n];
      const known = this.lon[row] !== 0 && this.lon[row] !== NO_PLACE;
      this.fromLon[row] = known ? this.lon[row] : source.lon[n];
      this.fromLat[row] = known ? this.lat[row] : source.lat[n];
      this.movedAt[row] = nowMs;
      this.heard[row] = source.at - source.age[n] * 1000;
      for (const name of COLUMNS) this[name][row] = source[name][n];
    }
  }
}
