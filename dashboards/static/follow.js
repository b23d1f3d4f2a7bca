// Keeps one truck in the middle of the map until somebody moves the map.
import { element, plateText } from "./format.js";
import { t } from "./i18n.js";

const PAN_SECONDS = 0.9;
const MOVES = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

export class Follow {
  constructor(map, fleet, box, changed) {
    Object.assign(this, { map, fleet, box, changed, id: "" });
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    map.on("dragstart", () => this.stop());
    map.getContainer().addEventListener("keydown", ({ key }) => MOVES.has(key) && this.stop());
  }

  start(id) {
    this.id = id;
    const plate = plateText(this.fleet.plate[this.fleet.row.get(id)] ?? id);
    const text = `${t("Following {plate}", { plate })} ×`;
    const button = element("button", "chip following", text, { type: "button" });
    button.addEventListener("click", () => this.stop());
    this.box.replaceChildren(button);
    this.moved();
    this.changed();
  }

  stop() {
    if (!this.id) return;
    this.id = "";
    this.box.replaceChildren();
    this.changed();
  }

  // Called with every tick.
  moved() {
    const row = this.fleet.row.get(this.id);
    const place = row === undefined ? null : this.fleet.place(row);
    if (!place) return;
    this.map.panTo(place, { animate: !this.calm.matches, duration: PAN_SECONDS, easeLinearity: 1 });
  }
}
