// The way of the selected truck in the last hour: fading line, dashed where it was silent.
const GAP_MS = 120_000;
const PIECES = 5;

export class Trail {
  constructor(map) {
    this.map = map;
    this.lines = L.layerGroup().addTo(map);
    this.renderer = L.canvas({ pane: "trail", padding: 0.3 });
    this.id = "";
  }

  clear() {
    this.id = "";
    this.lines.clearLayers();
  }

  async show(id) {
    if (id !== this.id) this.lines.clearLayers();
    this.id = id;
    const answer = await fetch(`/api/vehicles/${encodeURIComponent(id)}/trail`);
    if (!answer.ok || this.id !== id) return;
    this.draw(await answer.json());
  }

  draw({ t, lon, lat }) {
    this.lines.clearLayers();
    const point = (n) => [lat[n] / 1e6, lon[n] / 1e6];
    const step = Math.max(1, Math.ceil(t.length / PIECES));
    let run = [];
    for (let n = 0; n < t.length; n++) {
      if (n && t[n] - t[n - 1] > GAP_MS) {
        this.line(run, n / t.length);
        this.line([point(n - 1), point(n)], n / t.length, "3 7");
        run = [];
      }
      run.push(point(n));
      if (n % step === step - 1) {
        this.line(run, n / t.length);
        run = [point(n)];
      }
    }
    this.line(run, 1);
  }

  line(points, share, dashArray = null) {
    if (points.length < 2) return;
    const opacity = 0.25 + 0.65 * share;
    L.polyline(points, {
      color: "#8fdcff",
      weight: 3,
      opacity,
      dashArray,
      renderer: this.renderer,
      interactive: false,
    }).addTo(this.lines);
  }
}
