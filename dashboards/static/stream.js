// The live scene on this page: a snapshot, then each tick; a gap means a new snapshot.
const SILENT_MS = 6000;
const AGAIN_MS = 2000;
const SIGNED_OUT_MS = 15000;
const LONGEST_MS = 10000; // a request that hangs on a dead line must not keep the page from asking again

function connect(receive) {
  if ("SharedWorker" in window) {
    const address = new URL("./stream-worker.js", import.meta.url);
    const worker = new SharedWorker(address, { name: "hazmat-live" });
    worker.port.onmessage = ({ data }) => receive(data);
    addEventListener("pagehide", () => worker.port.postMessage("bye"));
    // Back from the browser's cache of pages: the worker has forgotten this tab.
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    return () => worker.port.postMessage("retry");
  }
  const script = document.createElement("script");
  script.src = new URL("./stream-source.js", import.meta.url).href;
  let retry = () => {};
  script.onload = () => {
    retry = window.openStream(receive).retry;
  };
  document.head.append(script);
  return () => retry();
}

export class Stream {
  // `handlers`: snapshot(scene), tick(changes), link(up), version(name), signedOut().
  constructor(handlers) {
    this.handlers = handlers;
    this.scene = null;
    this.waiting = [];
    this.loading = false;
    this.heardAt = performance.now();
    this.retry = connect((message) => this.receive(message));
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
      const answer = await fetch("/api/live/snapshot", { signal: AbortSignal.timeout(LONGEST_MS) });
      if (answer.status === 401 || answer.status === 403) {
        this.signedOut = true;
        this.handlers.signedOut();
      }
      if (!answer.ok) throw new Error(`/api/live/snapshot: ${answer.status}`);
      this.handlers.version(answer.headers.get("X-Version"));
      // Somebody signed in again in another tab; or the server is back while the stream pauses or hangs.
      if (this.signedOut || this.up === false) this.retry();
      this.signedOut = false;
      const snapshot = await answer.json();
      this.scene = { epoch: snapshot.epoch, tick: snapshot.tick };
      this.handlers.snapshot(snapshot);
    } catch {
      this.scene = null;
      this.setLink(false);
      setTimeout(() => this.load(), this.signedOut ? SIGNED_OUT_MS : AGAIN_MS);
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
    if (performance.now() - this.heardAt < SILENT_MS) return;
    this.setLink(false);
    if (!this.scene || this.loading) return;
    this.heardAt = performance.now();
    this.load(); // says why it is silent: nobody signed in, or no server
  }
}
