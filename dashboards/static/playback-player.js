// The running clock of a playback: moments in ms since the span's start.
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const CALM_MS = 500; // who wants less motion gets two pictures a second

export class Player {
  // `show(moment)` draws; `changed(playing)` tells whether it runs.
  constructor(show, changed) {
    Object.assign(this, { show, changed, moment: 0, length: 0, speed: 20, playing: false });
  }

  load(length, moment) {
    this.pause();
    this.length = length;
    this.go(moment);
  }

  go(moment) {
    this.moment = Math.max(0, Math.min(this.length, moment));
    this.show(this.moment);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (!this.length) return;
    if (this.moment >= this.length) this.go(0);
    this.playing = true;
    this.drawn = performance.now();
    this.changed(true);
    requestAnimationFrame((now) => this.run(now));
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.changed(false);
  }

  run(now) {
    if (!this.playing) return;
    const passed = now - this.drawn;
    if (!STILL.matches || passed >= CALM_MS) {
      this.drawn = now;
      this.go(this.moment + passed * this.speed);
    }
    if (this.moment >= this.length) this.pause();
    else requestAnimationFrame((next) => this.run(next));
  }
}
