// The live map, wired: stream → fleet → canvas, list, card.
import { AlertList } from "./alerts.js";
import { Card } from "./card.js";
import { clockTime, longDay } from "./format.js";
import { Fleet, NO_PLACE } from "./fleet.js";
import { FenceLayers, createMap } from "./map.js";
import { Stream } from "./stream.js";
import { TEXTS } from "./texts.js";
import { Trail } from "./trail.js";
import { TruckLayer } from "./trucks.js";

const REACH_PX = matchMedia("(pointer: coarse)").matches ? 24 : 12;
const CARD_EVERY_TICKS = 5;
const FENCES_AGAIN_MS = 3000;
const byId = (id) => document.getElementById(id);

const map = createMap(byId("map"));
const fleet = new Fleet();
const fences = new FenceLayers(map);
const trucks = new TruckLayer(fleet).addTo(map);
const trail = new Trail(map);
const mark = L.marker([0, 0], {
  icon: L.divIcon({ className: "pulse", iconSize: [34, 34] }),
  interactive: false,
  keyboard: false,
});
const card = new Card(byId("card"), () => select(""));
const alerts = new AlertList(byId("alert-list"), openAlert);

let selected = "";
let registry = null;
let skew = 0;
let lastAt = 0;

// --- what the stream says

const stream = new Stream({
  snapshot(scene) {
    fleet.replace(scene, performance.now());
    alerts.replace(scene.alerts, scene.at);
    seen(scene);
    if (selected) select(selected);
  },
  tick(changes) {
    const changed = fleet.apply(changes, performance.now());
    alerts.change(changes.alerts, changes.at);
    seen(changes);
    const row = fleet.row.get(selected);
    if (
      row !== undefined &&
      (changed.includes(row) || changes.alerts.some((alert) => alert.vehicle === selected))
    )
      refresh();
    else if (row !== undefined && changes.tick % CARD_EVERY_TICKS === 0) card.draw(liveFacts(row));
  },
  link: () => showLink(),
});

function seen(scene) {
  skew = scene.at - Date.now();
  if (scene.database) lastAt = scene.at;
  seen.database = scene.database;
  showCounts(scene.counts);
  showLink();
  trucks.changed();
  if (scene.registry !== registry && scene.registry >= 0) {
    registry = scene.registry;
    loadFences();
  }
}

async function loadFences() {
  clearTimeout(loadFences.timer);
  const first = !fences.features.length;
  try {
    await fences.load();
    alerts.rules = await (await fetch("/api/rules")).json();
    alerts.draw();
    if (first && !location.hash && fences.bounds().isValid()) showAll();
  } catch {
    loadFences.timer = setTimeout(loadFences, FENCES_AGAIN_MS);
  }
}

// The whole district in the part of the map that the panels leave free.
function showAll() {
  const wide = innerWidth > 820;
  map.fitBounds(fences.bounds(), {
    paddingTopLeft: [wide ? byId("layers").offsetWidth * 0.8 : 8, 12],
    paddingBottomRight: [wide ? byId("alerts").offsetWidth : 8, wide ? 24 : 8],
    animate: false,
  });
}

function showCounts(counts) {
  const online = counts.moving + counts.stopped + counts.warned + counts.serious;
  for (const [name, number] of Object.entries({ ...counts, online })) {
    const text = number.toLocaleString("zh-CN");
    if (byId(`count-${name}`)) byId(`count-${name}`).textContent = text;
    const output = document.querySelector(`[data-count="${name}"]`);
    if (output) output.value = text;
  }
}

function showLink() {
  const state = stream?.up === false ? "broken" : stream?.up ? "live" : "connecting";
  byId("link").dataset.state = state === "live" && seen.database === false ? "broken" : state;
  byId("link").lastElementChild.textContent = TEXTS.link[byId("link").dataset.state];
  const text =
    state === "broken"
      ? TEXTS.broken(lastAt ? clockTime(lastAt) : "—")
      : seen.database === false
        ? TEXTS.away(lastAt ? clockTime(lastAt) : "—")
        : "";
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}

// --- what people do

function liveFacts(row) {
  return {
    plate: fleet.plate[row],
    colour: fleet.colour[row],
    state: fleet.state[row],
    phase: fleet.phase[row],
    speed: fleet.speed[row],
    hasPlace: fleet.lon[row] !== NO_PLACE,
    heard: fleet.heard[row],
    now: Date.now() + skew,
    alerts: alerts.of(fleet.id[row]),
    ruleName: (alert) => alerts.ruleName(alert),
    placeName: (id) => fences.nameOf(id),
  };
}

function select(id) {
  const row = fleet.row.get(id);
  selected = row === undefined && fleet.length ? "" : id;
  trucks.select(row ?? -1);
  if (!selected) {
    card.close();
    trail.clear();
    mark.remove();
    alerts.select("");
  } else if (row !== undefined) refresh();
  writeHash();
}

function refresh() {
  card.open(selected, liveFacts(fleet.row.get(selected)));
  trail.show(selected);
}

function openAlert(alert) {
  select(alert.vehicle);
  alerts.select(alert.id);
  if (alert.lon === null || alert.lat === null) return;
  mark.setLatLng([alert.lat, alert.lon]).addTo(map);
  const zoom = Math.max(map.getZoom(), 14.5);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  map.setView(clearOfPanels([alert.lat, alert.lon], zoom), zoom, { animate: !calm });
}

// The centre that puts a place into the part of the map that list and card leave free.
function clearOfPanels(place, zoom) {
  const size = map.getSize();
  const wide = innerWidth > 820;
  const covered = wide ? byId("alerts").offsetWidth / 2 : 0;
  const lower = wide ? 0 : Math.max(0, byId("card").offsetHeight - byId("alerts").offsetHeight) / 2;
  const at = map.project(place, zoom).add([Math.min(covered, size.x / 4), Math.min(lower, size.y / 3)]);
  return map.unproject(at, zoom);
}

map.on("click", (event) => {
  const row = trucks.find(event.containerPoint, REACH_PX);
  mark.remove();
  alerts.select("");
  select(row < 0 ? "" : fleet.id[row]);
});
map.on("mousemove", (event) => {
  map.getContainer().style.cursor = trucks.find(event.containerPoint, REACH_PX) >= 0 ? "pointer" : "";
});

for (const box of document.querySelectorAll("[data-layer]")) {
  const apply = () => fences.show(box.dataset.layer, box.checked);
  box.addEventListener("change", apply);
  if (box.checked) fences.shown.add(box.dataset.layer);
}
const stateBoxes = [...document.querySelectorAll("input[data-state]")];
for (const box of stateBoxes) {
  box.addEventListener("change", () =>
    trucks.hideStates(new Set(stateBoxes.filter((b) => !b.checked).map((b) => Number(b.dataset.state)))),
  );
}
byId("layers-button").addEventListener("click", () => {
  const shown = byId("layers").classList.toggle("shown");
  byId("layers-button").setAttribute("aria-expanded", shown);
});
addEventListener("keydown", (event) => event.key === "Escape" && select(""));

// --- view and selection in the address

function writeHash() {
  const { lat, lng } = map.getCenter();
  const parts = [`${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`, encodeURIComponent(selected)].filter(
    Boolean,
  );
  history.replaceState(null, "", `#${parts.join("/")}`);
}

function readHash() {
  const [zoom, lat, lon, id] = location.hash.slice(1).split("/");
  const view = [zoom, lat, lon].map(Number);
  if (lon && view.every(Number.isFinite)) map.setView([view[1], view[2]], view[0]);
  selected = id ? decodeURIComponent(id) : "";
}

readHash();
map.on("moveend", () => registry !== null && writeHash());
setInterval(() => {
  byId("clock").textContent = clockTime(Date.now() + skew);
  byId("date").textContent = longDay(Date.now() + skew);
}, 500);
window.liveMap = { map, fleet, trucks, alerts };
