// Vehicles and alerts of what is played: a click follows a truck, or goes to where an alert opened.
import { element, plateChip, plateText } from "./format.js";
import { t } from "./i18n.js";
import { fieldOf } from "./playback-span.js";

const MOST = 200;
const LEVELS = { red: t("red"), orange: t("orange"), yellow: t("yellow"), blue: t("blue") };

export const clockOf = (ms) => fieldOf(ms).slice(11);

export class Lists {
  constructor(tape, { follow, go }) {
    Object.assign(this, { tape, follow, go });
    this.buttons = new Map();
    const vehicles = (rest) => t("{rest} more: click them on the map", { rest });
    const alerts = (rest) => t("{rest} more: reach them by Next alert", { rest });
    this.fill(document.getElementById("vehicles"), this.order(), (row) => this.vehicle(row), vehicles);
    this.fill(document.getElementById("alerts"), tape.alerts, (alert) => this.alert(alert), alerts);
    document.getElementById("vehicles-title").textContent = t("Vehicles: {count}", { count: tape.length });
    const count = tape.alerts.length;
    document.getElementById("alerts-title").textContent = t("Alerts: {count}", { count });
    document.getElementById("lists").hidden = false;
  }

  // Vehicles with alerts first.
  order() {
    const rows = [...this.tape.id.keys()];
    return rows.sort((a, b) => this.tape.alertsOf[b].length - this.tape.alertsOf[a].length || a - b);
  }

  fill(list, items, make, more) {
    const made = items.slice(0, MOST).map((item) => {
      const line = element("li");
      line.append(make(item));
      return line;
    });
    const rest = items.length - made.length;
    if (rest > 0) made.push(element("li", "more", more(rest)));
    if (!items.length) made.push(element("li", "more", t("none")));
    list.replaceChildren(...made);
  }

  vehicle(row) {
    const { tape } = this;
    const button = element("button", "vehicle", "", { type: "button", "aria-pressed": "false" });
    button.append(plateChip(tape.plate[row], tape.colour[row]));
    button.append(element("span", "goods", tape.goods[row]));
    button.addEventListener("click", () => this.follow(row));
    this.buttons.set(row, button);
    return button;
  }

  alert(alert) {
    const button = element("button", "alert", "", { type: "button" });
    const row = this.tape.row.get(alert.vehicle);
    button.append(element("b", `level ${alert.level}`, LEVELS[alert.level]));
    button.append(element("time", "", clockOf(alert.opened)));
    const name = alert.withdrawn ? t("{name} (withdrawn)", alert) : alert.name;
    button.append(element("span", "what", name));
    const plate = plateText(this.tape.plate[row] ?? alert.vehicle);
    const where = [plate, alert.object_name].filter(Boolean).join(" · ");
    button.append(element("small", "", where));
    button.addEventListener("click", () => this.go(alert));
    return button;
  }

  mark(followed) {
    for (const [row, button] of this.buttons) button.setAttribute("aria-pressed", row === followed);
  }
}

// The alerts' ticks on the slider, in the colour of their level, as long as they lasted.
export function drawTicks(box, tape) {
  const length = tape.end - tape.start;
  const share = (ms) => (100 * Math.max(0, Math.min(length, ms - tape.start))) / length;
  const ticks = tape.alerts.map((alert) => {
    const tick = element("i", `tick ${alert.level}`);
    tick.dataset.alert = alert.id;
    tick.style.left = `${share(alert.opened)}%`;
    tick.style.width = `${Math.max(0, share(alert.resolved ?? tape.end) - share(alert.opened))}%`;
    return tick;
  });
  box.replaceChildren(...ticks);
}
