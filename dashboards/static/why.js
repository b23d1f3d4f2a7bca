// Why an alert was raised: the server's explanation in a dialog.
import { element, levelChip } from "./format.js";
import { LANGUAGE, t } from "./i18n.js";

export class Why {
  constructor(dialog) {
    this.dialog = dialog;
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  }

  async open(alert) {
    this.id = alert.id;
    this.fill(alert, element("p", "hint", t("Reading …")));
    this.dialog.showModal();
    try {
      const answer = await fetch(`/api/alerts/${alert.id}/explain?language=${LANGUAGE}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      if (this.id === alert.id) this.fill(alert, ...explained(told));
    } catch {
      this.fill(alert, element("p", "bad", t("The explanation could not be read; please try again")));
    }
  }

  fill(alert, ...parts) {
    const head = element("header");
    const close = element("button", "close", "×", { type: "button", "aria-label": t("Close") });
    close.addEventListener("click", () => this.dialog.close());
    const title = element("h2", "", parts[0].dataset.title ?? t("Why this alert"), { id: "why-title" });
    head.append(levelChip(alert.severity), title, close);
    const links = element("p", "links");
    links.append(
      link(`/alerts/${alert.id}`, t("Alert page")),
      link(`/alerts/${alert.id}/map`, t("Evidence map")),
    );
    this.dialog.replaceChildren(head, ...parts, links);
  }
}

const link = (href, text) => element("a", "", text, { href, target: "_blank", rel: "noopener" });

function explained(told) {
  const lead = element("p", "lead", told.what);
  lead.dataset.title = told.title;
  const lines = [told.since, told.ended, told.ends_when, told.rule, ...told.notes].filter(Boolean);
  const facts = element("dl");
  for (const { name, value } of [...told.facts, ...told.documents])
    facts.append(element("dt", "", name), element("dd", "", value));
  return [lead, ...lines.map((line) => element("p", "", line)), facts, fixes(told.fixes)];
}

function fixes(rows) {
  const table = element("table");
  const head = element("tr");
  for (const name of [t("Time"), t("Speed"), t("What happened")])
    head.append(element("th", "", name, { scope: "col" }));
  table.append(element("caption", "", t("Fixes around it")), head);
  for (const { time, speed_kmh: speed, mark } of rows) {
    const row = element("tr", mark ? "marked" : "");
    row.append(element("td", "", time), element("td", "", speed === null ? "—" : `${speed} km/h`));
    row.append(element("td", "", mark));
    table.append(row);
  }
  return table;
}
