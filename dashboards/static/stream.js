// The live scene on this page: a snapshot, then each tick; a gap means a new snapshot.
const SILENT_MS = 6000;
const AGAIN_MS = 2000;

function connect(receive) {
  if ("SharedWorker" in window) {
    const worker = new SharedWorker("/static/stream-worker.js", { name: "hazmat-live" });
    worker.port.onmessage = ({ data }) => receive(data);
    addEventListener("pagehide", () => worker.port.postMessage("bye"));
    return;
  }
  const script = document.createElement("script");
  script.src = "/static/stream-source.js";
  script.onload = () => window.openStream(receive);
  document.head.append(script);
}

export class Stream {
  // `handlers`: snapshot(scene), tick(changes), link(up).
  constructor(handlers) {
    this.handlers = handlers;
    this.scene = null;
    this.waiting = [];
    this.loading = false;
    this.heardAt = performance.now();
    connect((message) => this.receive(message));
    setInterval(() => this.watch(), 1000);
    this.load();
  }

  receive(message) {
    if (message.type === "link" && !message.up) this.setLink(false);
    if (message.type === "reset") this.load();
    if (message.type !== "tick") return;
    this.heardAt = performance.now();
    this.setLink(true);
    const tick = JSON.parse(message.data);
    if (this.loading || !this.scene) this.waiting.push(tick);
    else this.apply(tick);
  }

  apply(tick) {
    if (tick.epoch === this.scene.epoch && tick.tick <= this.scene.tick) return;
    if (tick.epoch !== this.scene.epoch || tick.tick !== this.scene.tick + 1) {
      this.load();
      return;
    }
    this.scene.tick = tick.tick;
    this.handlers.tick(tick);
  }

  async load() {
    if (this.loading) return;
    this.loading = true;
    try {
      const answer = await fetch("/api/live/snapshot");
      if (!answer.ok) throw new Error(`/api/live/snapshot: ${answer.status}`);
      const snapshot = await answer.json();
      this.scene = { epoch: snapshot.epoch, tick: snapshot.tick };
      this.handlers.snapshot(snapshot);
    } catch {
      this.scene = null;
      this.setLink(false);
      setTimeout(() => this.load(), AGAIN_MS);
    }
    this.loading = false;
    const waiting = this.waiting.splice(0).filter((tick) => this.scene && tick.epoch === this.scene.epoch);
    for (const tick of waiting) this.apply(tick);
  }

  setLink(up) {
    if (up === this.up) return;
    this.up = up;
    this.handlers.link(up);
  }

  watch() {
    if (performance.now() - this.heardAt > SILENT_MS) this.setLink(false);
  }
}
