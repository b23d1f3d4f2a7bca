// The card of the selected truck.
import { clockTime, dayOf, element, levelChip, plateChip } from "./format.js";
import { TEXTS } from "./texts.js";

const STATE_CLASS = ["moving", "stopped", "offline", "warned", "serious"];

export class Card {
  constructor(box, onClose) {
    this.box = box;
    this.onClose = onClose;
    this.id = "";
  }

  close() {
    this.id = "";
    this.box.hidden = true;
  }

  // `live`: what the stream knows of the truck; the rest is asked for.
  async open(id, live) {
    const other = id !== this.id;
    this.id = id;
    this.box.hidden = false;
    if (other) {
      this.details = null;
      this.draw(live);
    }
    try {
      const answer = await fetch(`/api/vehicles/${encodeURIComponent(id)}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const details = await answer.json();
      if (this.id !== id) return;
      this.details = details;
      this.failed = false;
    } catch {
      this.failed = true;
    }
    if (this.id === id) this.draw(live);
  }

  draw(live) {
    const head = element("header");
    const close = element("button", "close", "×", { type: "button", "aria-label": TEXTS.close });
    close.addEventListener("click", () => this.onClose());
    head.append(
      plateChip(live.plate, live.colour),
      element("span", `state ${STATE_CLASS[live.state]}`, TEXTS.states[live.state]),
      element("span", "phase", TEXTS.phases[live.phase] ?? ""),
      close,
    );
    this.list = element("dl");
    if (this.details) this.facts(this.details, live);
    else this.row("", this.failed ? TEXTS.cardFailed : TEXTS.loading, this.failed ? "bad" : "");
    this.box.replaceChildren(head, this.list);
    if (live.alerts.length) this.box.append(this.openAlerts(live.alerts, live.ruleName));
  }

  row(name, text, className = "") {
    this.list.append(element("dt", "", name), element("dd", className, text));
  }

  facts({ vehicle, waybill, permits, blacklist, road, area, at }, live) {
    const names = TEXTS.fields;
    this.row(names.carrier, vehicle ? vehicle.carrier_name : TEXTS.unregistered, vehicle ? "" : "bad");
    if (blacklist.length)
      this.row(TEXTS.blacklisted, blacklist.map((entry) => entry.reason).join("；"), "bad");
    this.paper(waybill, at, names);
    this.permit(permits, names);
    if (waybill)
      this.row(
        names.way,
        [waybill.origin, waybill.destination].map((place) => this.plain(live.placeName(place))).join(" → "),
      );
    this.row(names.speed, live.hasPlace ? (live.speed < 0 ? "—" : `${live.speed} km/h`) : TEXTS.noFix);
    this.row(names.road, [this.plain(road), this.plain(area)].filter(Boolean).join(" · ") || TEXTS.noRoad);
    this.row(
      names.heard,
      `${clockTime(live.heard)}（${TEXTS.ago(Math.max(0, Math.round((live.now - live.heard) / 1000)))}）`,
    );
  }

  paper(waybill, at, names) {
    if (!waybill) {
      this.row(names.waybill, TEXTS.noWaybill, "bad");
      return;
    }
    const valid = Date.parse(waybill.valid_to) > at;
    this.row(
      names.goods,
      `${waybill.goods_name}（UN ${waybill.un_no.replace(/^UN\s*/i, "")}） ` +
        TEXTS.quantity(waybill.quantity_t),
    );
    this.row(names.hazard, TEXTS.hazardClass(waybill.hazard_class));
    this.row(names.people, [waybill.driver_name, waybill.escort_name].filter(Boolean).join(" / "));
    this.row(
      names.waybill,
      `${waybill.waybill_no} ${valid ? TEXTS.waybillValid : TEXTS.waybillOver}`,
      valid ? "good" : "bad",
    );
  }

  permit(permits, names) {
    if (!permits.length) {
      this.row(names.permit, TEXTS.noPermit, "bad");
      return;
    }
    const [first, ...rest] = permits;
    const more = rest.length ? ` ${TEXTS.more(rest.length)}` : "";
    this.row(
      names.permit,
      `${first.permit_no} ${TEXTS.until(dayOf(Date.parse(first.valid_to)))}${more}`,
      "good",
    );
  }

  openAlerts(alerts, ruleName) {
    const box = element("div", "open");
    for (const alert of alerts) {
      const line = element("p");
      const link = element("a", "", TEXTS.evidence, {
        href: `/alerts/${alert.id}/map`,
        target: "_blank",
        rel: "noopener",
      });
      line.append(levelChip(alert.severity), element("span", "", ruleName(alert)), link);
      box.append(line);
    }
    return box;
  }

  plain(text) {
    return (text || "").replaceAll(TEXTS.illustrative, "");
  }
}
