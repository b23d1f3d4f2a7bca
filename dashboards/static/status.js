// The header: counters, clock, the state of the link; and what is said when the page stands still.
import { clockTime, longDay, number } from "./format.js";
import { t } from "./i18n.js";

const byId = (id) => document.getElementById(id);
const COUNTED = ["online", "moving", "stopped", "warned", "serious", "inbound", "within", "outbound"];
const LINKS = { connecting: t("Connecting"), live: t("Live · 1 Hz"), broken: t("Connection lost") };

export class Status {
  constructor() {
    this.skew = 0;
    this.lastAt = 0;
    this.database = true;
    this.link = "connecting";
    this.reason = "";
    this.outdated = false;
    setInterval(() => this.run(), 500);
  }

  get now() {
    return Date.now() + this.skew;
  }

  seen(scene) {
    this.skew = scene.at - Date.now();
    if (scene.database) this.lastAt = scene.at;
    this.database = scene.database;
    const { moving, stopped, warned, serious } = scene.counts;
    this.count({ ...scene.counts, online: moving + stopped + warned + serious });
    this.show();
  }

  count(counts) {
    for (const [name, value] of Object.entries(counts)) {
      if (COUNTED.includes(name)) byId(`count-${name}`).textContent = number(value);
      const output = document.querySelector(`[data-count="${name}"]`);
      if (output) output.value = number(value);
    }
  }

  setLink(up) {
    this.link = up ? "live" : "broken";
    this.show();
  }

  // A snapshot came: whoever looks is signed in. A stream that still runs proves nothing.
  signedIn() {
    this.reason = "";
    this.show();
  }

  // Somebody ended the session, or it ran out: the way back leads through the sign-in to this very view.
  signedOut() {
    this.reason = "signed out";
    this.show();
  }

  // Whether the server runs another version than this page; a deploy that is taken back ends it.
  setOutdated(outdated) {
    this.outdated = outdated;
    this.show();
  }

  show() {
    const state = this.link === "live" && !this.database ? "broken" : this.link;
    const box = byId("link");
    box.dataset.state = state;
    if (box.lastElementChild.textContent !== LINKS[state]) box.lastElementChild.textContent = LINKS[state];
    document.body.dataset.still = state === "broken";
    this.notice(...this.said());
  }

  said() {
    const time = this.lastAt ? clockTime(this.lastAt) : "—";
    if (this.reason === "signed out")
      return [t("You are signed out; the map stands still since {time}", { time }), t("Sign in")];
    if (this.link === "broken")
      return [t("Connection lost; trucks and alerts stand still since {time}. Trying again.", { time })];
    if (!this.database)
      return [t("No answer from the database; trucks and alerts stand still since {time}.", { time })];
    if (this.outdated)
      return [t("A new version is running; this page is out of date."), t("Load it now")];
    return [""];
  }

  notice(text, action = "") {
    const [box, button] = [byId("notice"), byId("notice-action")];
    if (box.firstElementChild.textContent !== text) box.firstElementChild.textContent = text;
    button.textContent = action;
    button.hidden = !action;
    box.hidden = !text;
  }

  run() {
    byId("clock").textContent = clockTime(this.now);
    byId("date").textContent = longDay(this.now);
  }
}
