// A stored span as columns, and where every vehicle was at a moment: nothing is invented across a gap.
import { NO_PLACE, STATE } from "./fleet.js";

const BRIDGED_MS = 60_000; // no movement is drawn between fixes further apart
const STANDING = -1e12; // moved long ago: the truck layer does not glide
const LEVEL_STATE = { red: STATE.SERIOUS, orange: STATE.SERIOUS, yellow: STATE.WARNED, blue: STATE.WARNED };

function summed(steps, first, kind) {
  const column = kind.from(steps);
  for (let row = 0; row + 1 < first.length; row++)
    for (let n = first[row] + 1; n < first[row + 1]; n++) column[n] += column[n - 1];
  return column;
}

// How often a vehicle reports: the median of its steps, in ms.
function intervalOf(t, from, to) {
  const steps = t.slice(from + 1, to).map((value, n) => value - t[from + n]);
  if (!steps.length) return BRIDGED_MS;
  return steps.sort()[steps.length >> 1];
}

export class Tape {
  constructor(answer) {
    Object.assign(this, { start: answer.start, end: answer.end, step: answer.step, alerts: answer.alerts });
    Object.assign(this, { shown: answer.shown, total: answer.total });
    const { vehicles, fixes } = answer;
    Object.assign(this, { id: vehicles.id, plate: vehicles.plate, colour: vehicles.colour });
    Object.assign(this, { goods: vehicles.goods, first: vehicles.first, length: vehicles.id.length });
    this.row = new Map(this.id.map((id, row) => [id, row]));
    this.t = summed(fixes.t, this.first, Float64Array);
    this.fixLon = summed(fixes.lon, this.first, Int32Array);
    this.fixLat = summed(fixes.lat, this.first, Int32Array);
    this.fixSpeed = Int16Array.from(fixes.speed);
    this.fixHeading = Int16Array.from(fixes.heading);
    this.stale = Array.from(
      { length: this.length },
      (_, row) => 2 * Math.max(intervalOf(this.t, this.first[row], this.first[row + 1]), 1000 * this.step),
    );
    this.alertsOf = this.id.map((id) => this.alerts.filter((alert) => alert.vehicle === id));
    this.asFleet();
  }

  // The columns that a truck layer draws.
  asFleet() {
    for (const name of ["lon", "lat", "fromLon", "fromLat", "speed", "heading", "state", "phase"])
      this[name] = new Int32Array(this.length);
    this.movedAt = new Float64Array(this.length).fill(STANDING);
    this.heard = new Float64Array(this.length);
    this.spot = new Int32Array(this.length).fill(-1);
  }

  // The last fix of a vehicle at or before a moment (ms since the start), -1 if there is none.
  fixAt(row, moment) {
    let [low, high] = [this.first[row], this.first[row + 1]];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.t[middle] <= moment) low = middle + 1;
      else high = middle;
    }
    return low > this.first[row] ? low - 1 : -1;
  }

  show(moment) {
    for (let row = 0; row < this.length; row++) {
      const fix = this.fixAt(row, moment);
      this.spot[row] = fix;
      if (fix < 0) this.lon[row] = this.fromLon[row] = NO_PLACE;
      else this.place(row, fix, moment);
    }
  }

  place(row, fix, moment) {
    const next = fix + 1 < this.first[row + 1] ? fix + 1 : fix;
    const wide = this.t[next] - this.t[fix];
    const share = wide > 0 && wide <= BRIDGED_MS ? (moment - this.t[fix]) / wide : 0;
    this.lon[row] = this.fixLon[fix] + Math.round((this.fixLon[next] - this.fixLon[fix]) * share);
    this.lat[row] = this.fixLat[fix] + Math.round((this.fixLat[next] - this.fixLat[fix]) * share);
    [this.fromLon[row], this.fromLat[row]] = [this.lon[row], this.lat[row]];
    this.speed[row] = this.fixSpeed[fix];
    this.heading[row] = this.fixHeading[fix];
    this.heard[row] = this.start + this.t[fix];
    this.state[row] = this.stateOf(row, fix, moment);
  }

  stateOf(row, fix, moment) {
    if (moment - this.t[fix] > this.stale[row]) return STATE.OFFLINE;
    let state = this.fixSpeed[fix] > 3 ? STATE.MOVING : STATE.STOPPED;
    for (const alert of this.alertsOf[row])
      if (isOpen(alert, this.start + moment)) state = Math.max(state, LEVEL_STATE[alert.level]);
    return state;
  }

  // The moment of the next or previous fix: of one vehicle, or (row -1) of any.
  neighbour(row, moment, forward) {
    const rows = row >= 0 ? [row] : this.id.keys();
    let best = forward ? Infinity : -Infinity;
    for (const one of rows) {
      let fix = this.fixAt(one, moment);
      if (forward) fix = fix < 0 ? this.first[one] : fix + 1;
      else if (fix >= 0 && this.t[fix] >= moment) fix--;
      if (fix < this.first[one] || fix >= this.first[one + 1]) continue;
      best = forward ? Math.min(best, this.t[fix]) : Math.max(best, this.t[fix]);
    }
    return Number.isFinite(best) ? best : null;
  }
}

export const isOpen = (alert, at) =>
  alert.opened <= at && (alert.resolved === null || alert.resolved >= at) && !alert.withdrawn;
