// What is to be played: a vehicle or an area, from and to; the same words as in the page's address.
const SHANGHAI_MS = 8 * 3600 * 1000;

// ms since 1970 of an address's or a field's time: without an offset it is Beijing's; null if it is none.
export function momentOf(text) {
  if (!text) return null;
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text.replace(" ", "+"));
  const ms = Date.parse(zoned ? text.replace(" ", "+") : `${text}Z`);
  if (!Number.isFinite(ms)) return null;
  return zoned ? ms : ms - SHANGHAI_MS;
}

// A moment as a datetime-local field and the address show it.
export const fieldOf = (ms) => new Date(ms + SHANGHAI_MS).toISOString().slice(0, 19);

const EDGES = ["west", "south", "east", "north"];

export function readAddress() {
  const given = new URLSearchParams(location.search);
  const area = EDGES.map((name) => Number.parseFloat(given.get(name)));
  return {
    vehicle: given.get("vehicle") ?? "",
    alert: given.get("alert") ?? "",
    area: area.every(Number.isFinite) ? area : null,
    from: momentOf(given.get("from")),
    to: momentOf(given.get("to")),
    at: momentOf(given.get("at")),
    speed: Number(given.get("speed")) || 20,
    follow: given.get("follow") ?? "",
  };
}

export function writeAddress({ vehicle, area, from, to, at, speed, follow }) {
  const values = { vehicle, from: from && fieldOf(from), to: to && fieldOf(to), at: at && fieldOf(at) };
  Object.assign(values, { speed: speed === 20 ? "" : speed, follow });
  if (!vehicle && area) EDGES.forEach((name, n) => (values[name] = area[n].toFixed(5)));
  const told = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  history.replaceState(null, "", `?${told}`);
}

// Where to ask for a span.
export function callOf({ vehicle, area, from, to }) {
  const asked = new URLSearchParams({ start: new Date(from).toISOString(), end: new Date(to).toISOString() });
  if (vehicle) return `/api/vehicles/${encodeURIComponent(vehicle)}/playback?${asked}`;
  EDGES.forEach((name, n) => asked.set(name, area[n].toFixed(6)));
  return `/api/playback?${asked}`;
}
