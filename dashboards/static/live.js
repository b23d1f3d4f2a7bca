// The live map, wired: stream → fleet → canvas, list, card.
import { AlertList } from "./alerts.js";
import { Card } from "./card.js";
import { Filters } from "./filters.js";
import { Fleet, looksDifferent } from "./fleet.js";
import { Follow } from "./follow.js";
import { LEVEL_NAMES, plateText } from "./format.js";
import { Hazards } from "./hazards.js";
import { t } from "./i18n.js";
import { FenceLayers, createMap } from "./map.js";
import { Measure } from "./measure.js";
import { Search } from "./search.js";
import { Sound } from "./sound.js";
import { Status } from "./status.js";
import { Stream } from "./stream.js";
import { Trail } from "./trail.js";
import { TruckLayer } from "./trucks.js";
import { clearOfPanels, readHash, showAll, writeHash } from "./view.js";
import { Wall } from "./wall.js";
import { Why } from "./why.js";

const REACH_PX = matchMedia("(pointer: coarse)").matches ? 24 : 12;
const CARD_EVERY_TICKS = 5;
const FENCES_AGAIN_MS = 3000;
const ALERT_ZOOM = 14.5;
const byId = (id) => document.getElementById(id);
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
const handles = document.body.dataset.handles === "true";

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
const status = new Status();
const why = new Why(byId("why"));
const openWhy = (alert) => why.open(alert);
const alerts = new AlertList(byId("alert-list"), {
  open: openAlert,
  why: openWhy,
  acknowledge: handles ? acknowledge : undefined,
});
const sound = handles ? new Sound(byId("sound")) : null;
const follow = new Follow(map, fleet, byId("following"), showFollowing);
const card = new Card(byId("card"), new Hazards(map), {
  close: () => select(""),
  follow: (id) => (follow.id === id ? follow.stop() : follow.start(id)),
  why: openWhy,
});
const filters = new Filters(
  {
    panel: byId("filters"),
    chips: byId("chips"),
    states: [...document.querySelectorAll("input[data-state]")],
  },
  fleet,
  alerts.worst,
  (mask) => trucks.setFilter(mask),
);
const measure = new Measure(map, (active) => byId("measure").setAttribute("aria-pressed", active));
const wall = new Wall(map, byId("wall"), byId("wall-button"), { fleet, alerts });
new Search({ input: byId("search"), list: byId("found"), said: byId("said") }, fleet, goTo);

let selected = "";
let registry = null;

// --- what the stream says

const stream = new Stream({
  snapshot(scene) {
    status.signedIn();
    fleet.replace(scene, performance.now());
    alerts.replace(scene.alerts, scene.at);
    seen(scene);
    trucks.changed();
    if (selected) select(selected);
    if (!wall.on && new URLSearchParams(location.search).has("wall")) wall.enter(false);
  },
  tick(changes) {
    const changed = fleet.apply(changes, performance.now());
    announce(alerts.change(changes.alerts, changes.at));
    seen(changes);
    if (looksDifferent(changes)) trucks.changed();
    const row = fleet.row.get(selected);
    if (row === undefined) return;
    if (changes.alerts.some((alert) => alert.vehicle === selected)) refresh();
    else if (changed.includes(row)) trail.show(selected);
    if (changed.includes(row) || changes.tick % CARD_EVERY_TICKS === 0) card.draw(liveFacts(row));
  },
  link: (up) => status.setLink(up),
  signedOut: () => status.signedOut(),
  version(name) {
    const outdated = Boolean(name) && name !== meta("version");
    if (outdated && wall.on) location.reload();
    else status.setOutdated(outdated);
  },
});

function seen(scene) {
  status.seen(scene);
  filters.load(scene.registry);
  filters.update();
  follow.moved();
  sound?.hear(alerts.open());
  if (scene.registry !== registry && scene.registry >= 0) {
    registry = scene.registry;
    loadFences();
  }
}

function announce(fresh) {
  if (!fresh.length) return;
  const [{ severity, plate, vehicle }] = fresh;
  const rule = alerts.ruleName(fresh[0]);
  const values = { level: LEVEL_NAMES[severity], rule, plate: plateText(plate || vehicle) };
  byId("said").textContent =
    fresh.length === 1
      ? t("New alert: {level}, {rule}, {plate}", values)
      : t("{count} new alerts", { count: fresh.length });
}

async function loadFences() {
  clearTimeout(loadFences.timer);
  const first = !fences.features.length;
  try {
    await fences.load();
    alerts.rules = await (await fetch("/api/rules")).json();
    alerts.draw();
    if (first && !location.hash && !wall.on && fences.bounds().isValid()) showAll(map, fences.bounds());
  } catch {
    loadFences.timer = setTimeout(loadFences, FENCES_AGAIN_MS);
  }
}

// --- what people do

function liveFacts(row) {
  return {
    plate: fleet.plate[row],
    colour: fleet.colour[row],
    state: fleet.state[row],
    phase: fleet.phase[row],
    speed: fleet.speed[row],
    place: fleet.place(row),
    heard: fleet.heard[row],
    now: status.now,
    alerts: alerts.of(fleet.id[row]),
    ruleName: (alert) => alerts.ruleName(alert),
    placeName: (id) => fences.nameOf(id),
  };
}

function select(id) {
  const row = fleet.row.get(id);
  selected = row === undefined && fleet.length ? "" : id;
  trucks.select(row ?? -1);
  if (follow.id && follow.id !== selected) follow.stop();
  if (!selected) {
    card.close();
    trail.clear();
    mark.remove();
    alerts.select("");
  } else if (row !== undefined) refresh();
  writeHash(map, selected);
}

function refresh() {
  card.open(selected, liveFacts(fleet.row.get(selected)));
  trail.show(selected, { alert: alerts.of(selected)[0] });
}

function showFollowing() {
  const row = fleet.row.get(selected);
  card.following = follow.id === selected && selected !== "";
  if (row !== undefined && card.id) card.draw(liveFacts(row));
}

function goTo(id) {
  select(id);
  const row = fleet.row.get(id);
  const place = row === undefined ? null : fleet.place(row);
  if (place) moveTo(place);
  else byId("said").textContent = t("This vehicle has no position yet");
}

function openAlert(alert) {
  select(alert.vehicle);
  alerts.select(alert.id);
  if (alert.lon === null || alert.lat === null) return;
  mark.setLatLng([alert.lat, alert.lon]).addTo(map);
  moveTo([alert.lat, alert.lon]);
}

function moveTo(place) {
  const zoom = Math.max(map.getZoom(), ALERT_ZOOM);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  map.setView(clearOfPanels(map, place, zoom), zoom, { animate: !calm });
}

async function acknowledge(alert) {
  try {
    const answer = await fetch(`/alerts/${alert.id}/acknowledge`, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF": meta("csrf") },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { acknowledged, by } = await answer.json();
    alerts.change([{ ...alert, acknowledged, acknowledged_by: by }], status.now);
    sound?.hear(alerts.open());
    byId("said").textContent = t("Acknowledged");
  } catch {
    byId("said").textContent = "";
    toast(t("The acknowledgement did not get through; please try again"));
  }
}

function toast(text) {
  byId("toast").textContent = text;
  byId("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => (byId("toast").hidden = true), 6000);
}

map.on("click", (event) => {
  if (measure.active) return;
  const row = trucks.find(event.containerPoint, REACH_PX);
  mark.remove();
  alerts.select("");
  select(row < 0 ? "" : fleet.id[row]);
});
map.on("mousemove", (event) => {
  map.getContainer().style.cursor = trucks.find(event.containerPoint, REACH_PX) >= 0 ? "pointer" : "";
});

for (const box of document.querySelectorAll("[data-layer]")) {
  box.addEventListener("change", () => fences.show(box.dataset.layer, box.checked));
  if (box.checked) fences.shown.add(box.dataset.layer);
}
byId("density").addEventListener("change", ({ target }) => trucks.setDensity(target.checked));
for (const button of document.querySelectorAll("[data-panel]")) {
  button.addEventListener("click", () => {
    const panel = byId(button.dataset.panel);
    const shown = button.getAttribute("aria-expanded") !== "true";
    panel.classList.toggle("shown", shown);
    if (panel.id === "filters") panel.hidden = !shown;
    button.setAttribute("aria-expanded", shown);
    filters.load(registry);
    filters.update();
  });
}
byId("measure").addEventListener("click", () => measure.toggle());
byId("notice-action").addEventListener("click", () => {
  const here = location.pathname + location.search + location.hash;
  if (status.reason === "signed out") location.assign(`/login?then=${encodeURIComponent(here)}`);
  else location.reload();
});
addEventListener("keydown", ({ key }) => key === "Escape" && !wall.on && !why.dialog.open && select(""));

selected = readHash(map);
map.on("moveend", () => registry !== null && writeHash(map, selected));
setInterval(() => {
  alerts.run(status.now);
  wall.run(status.now);
}, 1000);
window.liveMap = { map, fleet, trucks, alerts, filters, follow, wall, stream };
