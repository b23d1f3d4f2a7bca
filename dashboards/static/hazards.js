// What the selected truck's goods ask for: distances to scale on the map, measures in the card.
import { element, hazardName } from "./format.js";
import { t } from "./i18n.js";

const metres = (value) =>
  value >= 1000 ? t("{km} km", { km: value / 1000 }) : t("{metres} m", { metres: value });

export class Hazards {
  constructor(map) {
    this.known = new Map();
    this.drawn = L.layerGroup().addTo(map);
    this.shown = true;
    this.key = "";
  }

  // The goods of a UN number; null for one that the server does not know.
  async of(unNo) {
    if (!this.known.has(unNo)) {
      const answer = await fetch(`/api/goods/${encodeURIComponent(unNo)}`);
      const unknown = answer.status === 404 || answer.status === 422;
      if (!answer.ok && !unknown) throw new Error(String(answer.status));
      this.known.set(unNo, answer.ok ? await answer.json() : null);
    }
    return this.known.get(unNo);
  }

  // Wind is not known here: the protective distance is drawn all round, for the wind that carries farthest.
  draw(place, goods, atMs) {
    const key = place && goods && this.shown ? `${place}/${goods.un_no}` : "";
    if (key === this.key) return;
    this.key = key;
    this.drawn.clearLayers();
    if (!key) return;
    const protect = farthest(goods, atMs);
    for (const [radius, style] of [
      [protect && protect * 1000, { color: "#ffc233", dashArray: "4 8", weight: 1.4, fillOpacity: 0.04 }],
      [goods.isolation_m, { color: "#ff4d5e", weight: 2, fillOpacity: 0.12 }],
    ]) {
      if (radius) L.circle(place, { radius, interactive: false, ...style }).addTo(this.drawn);
    }
  }

  clear() {
    this.draw(null, null, 0);
  }

  // The card's section.
  section(goods, atMs, redraw) {
    const box = element("section", "goods");
    const marks = [hazardName(goods.hazard_class)];
    if (goods.acutely_toxic) marks.push(t("acutely toxic"));
    if (goods.specially_controlled) marks.push(t("specially controlled"));
    const head = element("h3", "", [`UN ${goods.un_no.slice(2)}`, goods.name].join(" "));
    box.append(head, element("p", "class", marks.join(" · ")));
    if (goods.measure) box.append(element("p", "measure", goods.measure));
    const list = element("dl");
    for (const [name, text] of distances(goods, atMs))
      list.append(element("dt", "", name), element("dd", "", text));
    const label = element("label", "show-isolation");
    const tick = element("input", "", "", { type: "checkbox" });
    tick.checked = this.shown;
    tick.addEventListener("change", () => {
      this.shown = tick.checked;
      redraw();
    });
    label.append(tick, element("span", "", t("Show distances on the map")));
    box.append(list, label, element("p", "source", goods.source));
    return box;
  }
}

const isNight = (atMs) => {
  const hour = new Date(atMs + 8 * 3600 * 1000).getUTCHours();
  return hour < 6 || hour >= 18;
};

function farthest(goods, atMs) {
  const found = isNight(atMs) ? goods.protect_night_km : goods.protect_day_km;
  return found ? Math.max(...found) : null;
}

function* distances(goods, atMs) {
  const round = (value) => t("{distance} all round", { distance: metres(value) });
  if (goods.isolation_m) yield [t("Isolate"), round(goods.isolation_m)];
  const [low, moderate, high] = (isNight(atMs) ? goods.protect_night_km : goods.protect_day_km) ?? [];
  if (low !== undefined)
    yield [
      isNight(atMs) ? t("Downwind at night") : t("Downwind by day"),
      t("{low} / {moderate} / {high} km in low / moderate / high wind", { low, moderate, high }),
    ];
  else if (goods.downwind_m) yield [t("Downwind"), metres(goods.downwind_m)];
  if (goods.fire_isolation_m) yield [t("Tank on fire"), round(goods.fire_isolation_m)];
}
