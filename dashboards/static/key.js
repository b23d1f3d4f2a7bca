// The map's key: what the colours of crowded roads and of a trail mean; each entry shows while it applies.
import { DENSITY_GRADIENT } from "./density.js";
import { element } from "./format.js";
import { t } from "./i18n.js";
import { SPEED_STEPS } from "./speed.js";

const keys = new WeakMap();

// The key of a map; made with the first entry.
export function keyFor(map) {
  if (!keys.has(map)) keys.set(map, new Key(map));
  return keys.get(map);
}

class Key {
  constructor(map) {
    const control = L.control({ position: "bottomleft" });
    this.box = element("div", "map-key");
    this.density = entry(t("Trucks on one spot"), [ramp()], t("few"), t("many"));
    this.speed = entry(t("Speed on the trail, km/h"), SPEED_STEPS.map(swatch));
    this.box.append(this.density, this.speed);
    control.onAdd = () => this.box;
    control.addTo(map);
    this.showDensity(false);
    this.showSpeed(false);
  }

  showDensity(shown) {
    this.density.hidden = !shown;
  }

  showSpeed(shown) {
    this.speed.hidden = !shown;
  }
}

function entry(title, parts, low = "", high = "") {
  const made = element("div", "map-key-entry");
  const scale = element("div", "map-key-scale");
  if (low) scale.append(element("span", "", low));
  scale.append(...parts);
  if (high) scale.append(element("span", "", high));
  made.append(element("p", "", title), scale);
  return made;
}

function ramp() {
  const bar = element("i", "map-key-ramp");
  bar.style.background = DENSITY_GRADIENT;
  return bar;
}

function swatch({ colour, text }) {
  const step = element("span", "map-key-step", text);
  step.style.borderTopColor = colour;
  return step;
}
