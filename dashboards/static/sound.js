// A beep made in code for open RED alerts that nobody has acknowledged, every 10 s; can be muted for a while.
import { running } from "./format.js";
import { t } from "./i18n.js";

const EVERY_MS = 10_000;
const MUTE_MS = 5 * 60_000;
const KEPT = "hazmat-sound";

export class Sound {
  // The button says what is: data-sound is off, on or muted; data-beeps counts what was played.
  constructor(button) {
    this.button = button;
    this.mutedUntil = 0;
    this.beeps = 0;
    this.beepAt = -Infinity;
    this.waiting = false;
    button.addEventListener("click", () => this.turn());
    // Browsers let a page sound only after a click or key: the first one, wherever, brings back what was on.
    if (localStorage.getItem(KEPT) === "on") {
      this.wanted = true;
      const wake = () => this.context || this.on();
      for (const event of ["pointerdown", "keydown"]) addEventListener(event, wake, { once: true });
    }
    this.show();
    setInterval(() => this.run(), 500);
  }

  turn() {
    if (!this.context) this.on();
    else if (this.mutedUntil > Date.now()) this.mutedUntil = 0;
    else this.mutedUntil = Date.now() + MUTE_MS;
    this.run();
  }

  on() {
    this.context = new AudioContext();
    this.context.resume();
    localStorage.setItem(KEPT, "on");
    this.show();
  }

  // Called with the alerts after every change.
  hear(open) {
    this.waiting = open.some((a) => a.severity === "red" && !a.acknowledged && !a.retrospective);
    if (!this.waiting) this.beepAt = -Infinity;
    this.run();
  }

  run() {
    const audible = this.context?.state === "running" && this.mutedUntil <= Date.now();
    if (this.waiting && audible && performance.now() - this.beepAt >= EVERY_MS) this.beep();
    this.show();
  }

  beep() {
    this.beepAt = performance.now();
    this.beeps++;
    const start = this.context.currentTime + 0.02;
    for (const [delay, pitch] of [
      [0, 880],
      [0.22, 660],
      [0.44, 880],
    ]) {
      const [tone, volume] = [this.context.createOscillator(), this.context.createGain()];
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, start + delay);
      volume.gain.linearRampToValueAtTime(0.35, start + delay + 0.02);
      volume.gain.linearRampToValueAtTime(0, start + delay + 0.18);
      tone.connect(volume).connect(this.context.destination);
      tone.start(start + delay);
      tone.stop(start + delay + 0.2);
    }
  }

  show() {
    const left = Math.ceil((this.mutedUntil - Date.now()) / 1000);
    const state = !this.context ? "off" : left > 0 ? "muted" : "on";
    const text = {
      off: this.wanted ? t("Click anywhere: sound on") : t("Turn sound on"),
      muted: t("Muted {time}", { time: running(Math.max(0, left)) }),
      on: t("Sound on"),
    }[state];
    if (this.button.lastElementChild.textContent !== text) this.button.lastElementChild.textContent = text;
    Object.assign(this.button.dataset, { sound: state, beeps: this.beeps, alarm: this.waiting });
    this.button.title =
      state === "off"
        ? t("Browsers let a page sound only after a click")
        : state === "on"
          ? t("Mute for 5 minutes")
          : t("Sound on again");
  }
}
