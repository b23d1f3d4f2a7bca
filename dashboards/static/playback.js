// Playback, wired: the form asks for a span, the tape holds it, the player shows it moment by moment.
import { t } from "./i18n.js";
import { keyFor } from "./key.js";
import { FenceLayers, createMap } from "./map.js";
import { drawRectangle } from "./playback-draw.js";
import { Lists, clockOf, drawTicks } from "./playback-lists.js";
import { Player } from "./playback-player.js";
import { callOf, fieldOf, momentOf, readAddress, writeAddress } from "./playback-span.js";
import { Tape } from "./playback-tape.js";
import { MOST_TRAILS, Trails } from "./playback-trails.js";
import { TruckLayer } from "./trucks.js";

const MINUTE_MS = 60_000;
const AROUND_MS = 10 * MINUTE_MS;
const MOST_ALERTS = 2000; // as many as the server sends
const REACH_PX = matchMedia("(pointer: coarse)").matches ? 24 : 12;
const byId = (id) => document.getElementById(id);

const map = createMap(byId("map"));
const fences = new FenceLayers(map);
for (const layer of ["designated", "plant", "barred", "timed", "parking", "nostop", "road"])
  fences.show(layer, true);
const OUTLINE = { color: "#7fd0ff", weight: 1.5, fill: false, dashArray: "6 6", interactive: false };
const outline = L.rectangle([[0, 0], [0, 0]], OUTLINE);
const player = new Player(show, showPlaying);
const shown = { tape: null, trucks: null, trails: null, lists: null, followed: -1 };
let asked = readAddress();

// --- asking for a span

async function load() {
  say(t("Reading the stored fixes…"));
  try {
    const answer = await fetch(callOf(asked));
    if (!answer.ok) return say(await refusal(answer));
    const tape = new Tape(await answer.json());
    put(tape);
    say(tape.length ? "" : nothing());
    return loadFences(asked.from);
  } catch {
    return say(t("The server gave no answer; please try again."));
  }
}

// What was looked for in vain, and what to do next.
function nothing() {
  const [from, to] = [asked.from, asked.to].map((at) => fieldOf(at).replace("T", " "));
  if (asked.vehicle)
    return t("No stored fix of this vehicle from {from} to {to}. Choose other times.", { from, to });
  return t("No vehicle was here from {from} to {to}. Choose other times or another area.", { from, to });
}

async function refusal(answer) {
  const { detail } = await answer.json().catch(() => ({ detail: "" }));
  const FIELDS = { "query.start": t("From"), "query.end": t("To") };
  const said = detail || answer.status;
  if (!Array.isArray(said)) return t("The span could not be read: {detail}", { detail: said });
  return said.map(({ field, fault }) => `${FIELDS[field] ?? t("Area")}: ${fault}`).join(" · ");
}

function put(tape) {
  shown.trucks?.remove();
  shown.trails?.remove();
  const trucks = new TruckLayer(tape).addTo(map);
  const trails = new Trails(tape).addTo(map);
  const lists = new Lists(tape, { follow, go: goTo });
  Object.assign(shown, { tape, trucks, trails, lists, followed: -1 });
  drawTicks(byId("ticks"), tape);
  byId("player").hidden = !tape.length;
  keyFor(map).showSpeed(tape.length > 0);
  byId("slider").max = Math.round((tape.end - tape.start) / 1000);
  byId("next-alert").disabled = !tape.alerts.length;
  byId("thinned").textContent = [thinnedWords(tape), ...cutWords(tape)].join(" ");
  outline.remove();
  if (!asked.vehicle) outline.setBounds(boundsOf(asked.area)).addTo(map);
  fit(tape);
  player.load(tape.end - tape.start, (asked.at ?? firstMoment(tape)) - tape.start);
  const row = tape.row.get(asked.follow);
  if (row !== undefined || tape.length === 1) follow(row ?? 0);
  map.invalidateSize();
}

const boundsOf = ([west, south, east, north]) => [[south, west], [north, east]];
const firstMoment = (tape) => tape.start + Math.min(tape.end - tape.start, tape.t[0] ?? 0);

function thinnedWords({ shown: count, total, step }) {
  const values = { shown: count.toLocaleString(), total: total.toLocaleString(), step };
  if (count === total) return t("All {total} stored fixes are played.", values);
  return t("{shown} of {total} stored fixes: one each {step} s, and those of alerts and gaps.", values);
}

// What is there but not shown, lest somebody take a part for the whole.
function cutWords(tape) {
  const words = [];
  if (tape.length > MOST_TRAILS)
    words.push(t("Over {most} vehicles: only the one you follow leaves a trail.", { most: MOST_TRAILS }));
  if (tape.alerts.length >= MOST_ALERTS)
    words.push(t("Only {most} alerts are shown; choose a shorter span for all.", { most: MOST_ALERTS }));
  return words;
}

function fit(tape) {
  if (!tape.t.length) return;
  if (!asked.vehicle) return map.fitBounds(outline.getBounds(), { animate: false });
  const box = L.latLngBounds([]);
  for (let fix = 0; fix < tape.t.length; fix++) box.extend([tape.fixLat[fix] / 1e6, tape.fixLon[fix] / 1e6]);
  map.fitBounds(box, { animate: false, maxZoom: 15, padding: [30, 30] });
}

// The fences as they stood when the span began.
async function loadFences(at) {
  const answer = await fetch(`/api/fences?at=${encodeURIComponent(new Date(at).toISOString())}`);
  if (!answer.ok) return say(t("The fences of that time could not be read."));
  fences.features = (await answer.json()).features;
  fences.draw();
}

// An alert's link: its vehicle, from ten minutes before to ten minutes after.
async function aroundAlert() {
  const answer = await fetch(`/api/alerts/${encodeURIComponent(asked.alert)}`);
  if (!answer.ok) return say(t("There is no such alert."));
  const { alert } = await answer.json();
  const opened = momentOf(alert.opened_at);
  const ended = momentOf(alert.resolved_at) ?? momentOf(alert.last_hit_at);
  Object.assign(asked, { vehicle: alert.vehicle_id, from: opened - AROUND_MS, to: ended + AROUND_MS });
  asked.at = opened;
  writeFields();
  return load();
}

// --- showing a moment

function show(moment) {
  const { tape, trucks, trails, followed } = shown;
  if (!tape) return;
  tape.show(moment);
  trucks.changed();
  trails.show(moment, followed);
  const at = tape.start + moment;
  byId("slider").value = Math.round(moment / 1000);
  byId("slider").setAttribute("aria-valuetext", clockOf(at));
  const days = tape.end - tape.start > 86_400_000;
  byId("now").value = days ? fieldOf(at).slice(5).replace("T", " ") : clockOf(at);
  if (followed >= 0 && tape.spot[followed] >= 0 && player.playing) centre();
}

function centre() {
  const { tape, followed } = shown;
  const place = [tape.lat[followed] / 1e6, tape.lon[followed] / 1e6];
  if (!map.getBounds().pad(-0.3).contains(place)) map.panTo(place, { animate: false });
}

function showPlaying(playing) {
  byId("toggle").setAttribute("aria-pressed", playing);
  byId("toggle").setAttribute("aria-label", playing ? t("Pause") : t("Play"));
  byId("toggle").textContent = playing ? "❚❚" : "▶";
  if (!playing) remember();
}

function follow(row) {
  const chosen = row === shown.followed && shown.tape.length > 1 ? -1 : row;
  shown.followed = chosen;
  shown.trucks.select(chosen);
  shown.lists.mark(chosen);
  if (chosen >= 0 && shown.tape.spot[chosen] >= 0) centre();
  show(player.moment);
  remember();
}

function goTo(alert) {
  player.pause();
  player.go(alert.opened - shown.tape.start);
  const row = shown.tape.row.get(alert.vehicle);
  if (row !== shown.followed) follow(row);
  if (alert.lat !== null) map.panTo([alert.lat, alert.lon], { animate: false });
  remember();
}

function nextAlert() {
  const { tape } = shown;
  const at = tape.start + player.moment;
  const next = tape.alerts.find((alert) => alert.opened > at + 500) ?? tape.alerts[0];
  if (next) goTo(next);
}

function stepFix(forward) {
  if (!shown.tape) return;
  player.pause();
  const moment = shown.tape.neighbour(shown.followed, player.moment, forward);
  if (moment !== null) player.go(moment);
  remember();
}

function remember() {
  const { tape, followed } = shown;
  if (!tape) return;
  const follow = tape.length > 1 && followed >= 0 ? tape.id[followed] : "";
  writeAddress({ ...asked, at: tape.start + player.moment, speed: player.speed, follow });
}

function say(text) {
  byId("said").textContent = text;
  byId("said").hidden = !text;
  if (text) byId("said").scrollIntoView({ block: "nearest" }); // on a phone it lies below the map
}

// --- what people do

function writeFields() {
  byId("from").value = fieldOf(asked.from);
  byId("to").value = fieldOf(asked.to);
}

function ask(what) {
  const [from, to] = [momentOf(byId("from").value), momentOf(byId("to").value)];
  if (from === null || to === null) return say(t("Give both times."));
  if (from >= to) return say(t("The end must be later than the beginning."));
  asked = { ...asked, vehicle: "", area: null, alert: "", follow: "", at: null, ...what, from, to };
  writeAddress(asked);
  return load();
}

const edgesOf = (bounds) => [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];

byId("span").addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = byId("chosen")?.dataset.vehicle;
  ask(chosen ? { vehicle: chosen } : { area: edgesOf(map.getBounds()) });
});
byId("play-view").addEventListener("click", () => ask({ area: edgesOf(map.getBounds()) }));
byId("draw-area").addEventListener("click", () => {
  byId("draw-area").setAttribute("aria-pressed", "true");
  say(t("Press on the map and drag; Escape gives up."));
  drawRectangle(map, (bounds) => {
    byId("draw-area").setAttribute("aria-pressed", "false");
    say("");
    if (bounds) ask({ area: edgesOf(bounds) });
  });
});
for (const button of document.querySelectorAll("[data-minutes]")) {
  button.addEventListener("click", () => {
    Object.assign(asked, { to: Date.now(), from: Date.now() - button.dataset.minutes * MINUTE_MS });
    writeFields();
  });
}
for (const button of document.querySelectorAll("[data-speed]")) {
  button.addEventListener("click", () => setSpeed(Number(button.dataset.speed)));
}
function setSpeed(speed) {
  player.speed = speed;
  for (const button of document.querySelectorAll("[data-speed]"))
    button.setAttribute("aria-pressed", Number(button.dataset.speed) === speed);
  remember();
}
byId("toggle").addEventListener("click", () => player.toggle());
byId("previous-fix").addEventListener("click", () => stepFix(false));
byId("next-fix").addEventListener("click", () => stepFix(true));
byId("next-alert").addEventListener("click", nextAlert);
byId("slider").addEventListener("input", () => player.go(byId("slider").value * 1000));
byId("slider").addEventListener("change", remember);
map.on("click", (event) => {
  const row = shown.trucks?.find(event.containerPoint, REACH_PX) ?? -1;
  if (row >= 0) follow(row);
});

const KEYS = { " ": () => player.toggle(), ArrowLeft: () => stepFix(false), ArrowRight: () => stepFix(true) };
addEventListener("keydown", (event) => {
  const act = { ...KEYS, n: nextAlert, N: nextAlert }[event.key];
  const typing = event.target.closest("input:not([type=range]), textarea, select, button, a, #map");
  if (!act || !shown.tape || event.ctrlKey || event.altKey || event.metaKey || typing) return;
  event.preventDefault();
  act();
});

byId("unscripted").hidden = true;
const now = Date.now();
asked.to ??= now;
asked.from ??= asked.to - 60 * MINUTE_MS;
setSpeed(asked.speed);
writeFields();
if (asked.alert) aroundAlert();
else if (asked.vehicle || asked.area) load();
else loadFences(now);
window.playback = { map, player, shown };
