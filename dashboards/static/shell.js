// What every office page can do more with script than without.
const all = (selector) => document.querySelectorAll(selector);
const region = document.getElementById("toasts");
const SHOWN_MS = 6000;

// Says something that has just become true; kind: "good", "bad" or "".
export function toast(text, kind = "") {
  const line = document.createElement("p");
  line.className = `toast ${kind}`.trim();
  line.textContent = text;
  region.append(line);
  setTimeout(() => line.remove(), SHOWN_MS);
}

for (const opener of all("[data-dialog]")) {
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(opener.dataset.dialog).showModal();
  });
}

for (const teller of all("[data-toast]")) {
  teller.addEventListener("click", () => toast(teller.dataset.toast, "good"));
}

const folded = document.querySelector(".folded");
function fold(event) {
  if (!folded?.open) return;
  if (event.type === "click" && folded.contains(event.target)) return;
  if (event.type === "keydown" && event.key !== "Escape") return;
  folded.open = false;
  if (event.type === "keydown") folded.querySelector("summary").focus();
}
document.addEventListener("click", fold);
document.addEventListener("keydown", fold);

const clocks = [...all("time[data-deadline]")];
if (clocks.length) {
  const { t } = await import("./i18n.js");
  const span = (seconds) => {
    const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
    const clock = parts.map((part) => String(part).padStart(2, "0")).join(":");
    const days = Math.floor(seconds / 86400);
    return days ? t("{days} d {clock}", { days, clock }) : clock;
  };
  const lines = clocks.map((clock) => {
    const line = document.createElement("span");
    clock.after(line);
    return [Date.parse(clock.dataset.deadline), line];
  });
  const count = () => {
    for (const [deadline, line] of lines) {
      const seconds = Math.round((deadline - Date.now()) / 1000);
      line.className = seconds < 0 ? "left over" : "left";
      const time = span(Math.abs(seconds));
      line.textContent = seconds < 0 ? t("{time} over", { time }) : t("{time} left", { time });
    }
  };
  count();
  setInterval(count, 1000);
}
