// The card of the selected truck.
import { PHASES, STATES, ago, clockTime, dayOf, element, hazardName } from "./format.js";
import { levelChip, plain, plateChip } from "./format.js";
import { t } from "./i18n.js";

const STATE_CLASS = ["moving", "stopped", "offline", "warned", "serious"];
const HOUR_MS = 3_600_000;

export class Card {
  // `actions`: close(), follow(id), why(alert), isolation(place, goods).
  constructor(box, hazards, actions) {
    Object.assign(this, { box, hazards, actions, id: "", following: false });
  }

  close() {
    this.id = "";
    this.goods = null;
    this.hazards.clear();
    this.box.hidden = true;
  }

  // `live`: what the stream knows of the truck; the rest is asked for.
  async open(id, live) {
    const other = id !== this.id;
    this.id = id;
    this.box.hidden = false;
    if (other) {
      this.details = null;
      this.goods = null;
      this.hazards.clear();
      this.draw(live);
    }
    try {
      const details = await this.ask(id);
      const goods = details.waybill ? await this.hazards.of(details.waybill.un_no) : null;
      if (this.id !== id) return;
      Object.assign(this, { details, goods, failed: false });
    } catch {
      this.failed = true;
    }
    if (this.id === id) this.draw(live);
  }

  async ask(id) {
    const answer = await fetch(`/api/vehicles/${encodeURIComponent(id)}`);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  draw(live) {
    const focused = this.box.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    this.list = element("dl");
    if (this.details) this.facts(this.details, live);
    else if (this.failed) this.row("", t("The vehicle's papers could not be read; please try again"), "bad");
    else this.row("", t("Reading …"));
    const parts = [this.head(live), this.list];
    if (live.alerts.length) parts.push(this.openAlerts(live));
    parts.push(this.links(live));
    if (this.goods) parts.push(this.hazards.section(this.goods, live.now, () => this.circle(live)));
    const top = this.box.scrollTop;
    this.box.replaceChildren(...parts);
    this.box.scrollTop = top;
    if (focused) this.box.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
    this.circle(live);
  }

  circle(live) {
    this.hazards.draw(live.place, this.goods, live.now);
  }

  head(live) {
    const head = element("header");
    const close = button("close", "×", "close", { "aria-label": t("Close") });
    close.addEventListener("click", () => this.actions.close());
    head.append(
      plateChip(live.plate, live.colour),
      element("span", `state ${STATE_CLASS[live.state]}`, STATES[live.state]),
      element("span", "phase", PHASES[live.phase] ?? ""),
      close,
    );
    return head;
  }

  links(live) {
    const box = element("p", "links");
    const text = this.following ? t("Stop following") : t("Follow");
    const follow = button("", text, "follow", { "aria-pressed": this.following });
    follow.addEventListener("click", () => this.actions.follow(this.id));
    box.append(follow);
    const id = encodeURIComponent(this.id);
    const span = `from=${iso(live.heard - HOUR_MS)}&to=${iso(live.heard)}`;
    box.append(
      element("a", "", t("Play back the last hour"), { href: `/playback?vehicle=${id}&${span}` }),
      element("a", "", t("Day map"), { href: `/vehicles/${id}/day`, target: "_blank", rel: "noopener" }),
    );
    return box;
  }

  row(name, text, className = "") {
    if (text) this.list.append(element("dt", "", name), element("dd", className, text));
  }

  facts({ vehicle, waybill, permits, blacklist, road, area, at }, live) {
    const place = [plain(road), plain(area)].filter(Boolean).join(" · ");
    const heard = Math.max(0, Math.round((live.now - live.heard) / 1000));
    const speed = live.speed < 0 ? "—" : `${live.speed} km/h`;
    this.row(t("Carrier"), vehicle ? vehicle.carrier_name : t("Not registered"), vehicle ? "" : "bad");
    this.row(t("Blacklisted"), blacklist.map((entry) => entry.reason).join("; "), "bad");
    this.paper(waybill, at);
    this.permit(permits);
    const ends = waybill ? [waybill.origin, waybill.destination] : [];
    this.row(t("Route"), ends.map((end) => plain(live.placeName(end))).join(" → "));
    this.row(t("Speed"), live.place ? speed : t("no position"));
    this.row(t("Road"), place || t("not on a known road"));
    this.row(t("Last heard"), `${clockTime(live.heard)} (${ago(heard)})`);
  }

  paper(waybill, at) {
    if (!waybill) {
      this.row(t("Waybill"), t("no valid waybill"), "bad");
      return;
    }
    const valid = Date.parse(waybill.valid_to) > at;
    const unNo = waybill.un_no.replace(/^UN\s*/i, "");
    this.row(t("Goods"), `${waybill.goods_name} (UN ${unNo}) ${waybill.quantity_t} t`);
    this.row(t("Hazard"), hazardName(waybill.hazard_class));
    this.row(t("Driver, escort"), [waybill.driver_name, waybill.escort_name].filter(Boolean).join(" / "));
    const state = valid ? t("valid") : t("expired");
    this.row(t("Waybill"), `${waybill.waybill_no} ${state}`, valid ? "good" : "bad");
  }

  permit([first, ...rest]) {
    if (!first) {
      this.row(t("Permit"), t("no valid permit"), "bad");
      return;
    }
    const until = t("until {day}", { day: dayOf(Date.parse(first.valid_to)) });
    const more = rest.length ? t("and {count} more", { count: rest.length }) : "";
    this.row(t("Permit"), [first.permit_no, until, more].filter(Boolean).join(" "), "good");
  }

  openAlerts({ alerts, ruleName }) {
    const box = element("div", "open");
    for (const alert of alerts) {
      const line = element("p");
      const why = button("quiet", t("Why"), `why-${alert.id}`);
      why.addEventListener("click", () => this.actions.why(alert));
      const href = `/alerts/${alert.id}/map`;
      const map = element("a", "", t("Evidence map"), { href, target: "_blank", rel: "noopener" });
      line.append(levelChip(alert.severity), element("span", "", ruleName(alert)), why, map);
      box.append(line);
    }
    return box;
  }
}

// The card is drawn anew while it is open: `key` says which button had the focus.
const button = (className, text, key, more = {}) =>
  element("button", className, text, { type: "button", "data-key": key, ...more });
const iso = (ms) => encodeURIComponent(new Date(ms).toISOString());
