// Where trucks stand on the flat map, in columns: projected when a position changes, not in every frame.
import { NO_PLACE } from "./fleet.js";

const GLIDE_MS = 950;

export class Positions {
  // `project(lon, lat, out)` writes pixels of zoom 0 into out[0], out[1]; degrees in.
  constructor(fleet, project) {
    this.fleet = fleet;
    this.project = project;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.length = 0;
    this.moving = [];
    this.resize(0);
  }

  resize(size) {
    for (const name of ["x", "y", "fromX", "fromY", "toX", "toY", "movedAt"])
      this[name] = widened(this[name] ?? new Float64Array(0), size);
    for (const name of ["lon", "lat", "fromLon", "fromLat"])
      this[name] = widened(this[name] ?? new Int32Array(0), size);
  }

  // Take over what changed in the fleet; 50,000 unchanged rows cost a fraction of a millisecond.
  sync(now) {
    const { fleet, lon, lat, fromLon, fromLat, movedAt } = this;
    if (fleet.length > lon.length) {
      this.resize(fleet.length * 2);
      return this.sync(now);
    }
    for (let row = 0; row < fleet.length; row++) {
      if (
        lon[row] !== fleet.lon[row] || lat[row] !== fleet.lat[row] || movedAt[row] !== fleet.movedAt[row] ||
        fromLon[row] !== fleet.fromLon[row] || fromLat[row] !== fleet.fromLat[row]
      )
        this.take(row, now);
    }
    this.length = fleet.length;
  }

  take(row, now) {
    const { fleet, project } = this;
    for (const name of ["lon", "lat", "fromLon", "fromLat", "movedAt"]) this[name][row] = fleet[name][row];
    if (this.lon[row] === NO_PLACE) return;
    project(this.lon[row] / 1e6, this.lat[row] / 1e6, OUT);
    [this.toX[row], this.toY[row]] = OUT;
    project(this.fromLon[row] / 1e6, this.fromLat[row] / 1e6, OUT);
    [this.fromX[row], this.fromY[row]] = OUT;
    const glides = this.fromX[row] !== this.toX[row] || this.fromY[row] !== this.toY[row];
    if (glides && !this.still.matches && now - this.movedAt[row] < GLIDE_MS) this.moving.push(row);
    else this.put(row, 1);
  }

  put(row, share) {
    this.x[row] = this.fromX[row] + (this.toX[row] - this.fromX[row]) * share;
    this.y[row] = this.fromY[row] + (this.toY[row] - this.fromY[row]) * share;
  }

  // Move the gliding trucks on to a moment; whether one of them has come to another pixel of this scale.
  glide(now, scale) {
    const { moving, movedAt, x, y } = this;
    let [kept, seen] = [0, false];
    for (const row of moving) {
      const share = Math.min(1, Math.max(0, (now - movedAt[row]) / GLIDE_MS));
      const [beforeX, beforeY] = [x[row], y[row]];
      this.put(row, share);
      seen ||=
        Math.round(beforeX * scale) !== Math.round(x[row] * scale) ||
        Math.round(beforeY * scale) !== Math.round(y[row] * scale);
      if (share < 1) moving[kept++] = row;
    }
    moving.length = kept;
    return seen;
  }
}

const OUT = new Float64Array(2);

function widened(column, size) {
  const wider = new column.constructor(size);
  wider.set(column);
  return wider;
}
