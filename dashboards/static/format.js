// Times in Shanghai, plates with their dot, words of the field, elements without innerHTML.
import { LANGUAGE, t } from "./i18n.js";

const SHANGHAI_MS = 8 * 3600 * 1000;
const pad = (number) => String(number).padStart(2, "0");
const LOCALE = LANGUAGE === "zh" ? "zh-CN" : "en-GB";
const LONG_DAY = new Intl.DateTimeFormat(LOCALE, {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: LANGUAGE === "zh" ? "long" : "short",
  day: "numeric",
  weekday: "short",
});

const local = (ms) => new Date(ms + SHANGHAI_MS);
export const clockTime = (ms) => {
  const date = local(ms);
  return `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
};
export const dayOf = (ms) => {
  const date = local(ms);
  return `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
};
export const longDay = (ms) => LONG_DAY.format(ms);
export const whenIn = (ms, nowMs) =>
  dayOf(ms) === dayOf(nowMs) ? clockTime(ms) : `${dayOf(ms).slice(5)} ${clockTime(ms).slice(0, 5)}`;
export const number = (value) => value.toLocaleString(LOCALE);

export const plateText = (plate) =>
  /^[\u4e00-\u9fff][A-Z][A-Z0-9]/.test(plate) ? `${plate.slice(0, 2)}·${plate.slice(2)}` : plate;

export function element(tag, className = "", text = "", attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== "") made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export const LEVELS = ["red", "orange", "yellow", "blue"];
const LETTERS = { red: t("R"), orange: t("O"), yellow: t("Y"), blue: t("B") };
export const LEVEL_NAMES = {
  red: t("Red level"),
  orange: t("Orange level"),
  yellow: t("Yellow level"),
  blue: t("Blue level"),
};
export const plateChip = (plate, colour) => element("span", `plate ${colour || "unknown"}`, plateText(plate));
export const levelChip = (level) =>
  element("b", `level ${level}`, LETTERS[level] ?? "?", { title: LEVEL_NAMES[level] ?? "" });

// How long, in the unit that fits.
export function duration(seconds) {
  if (seconds < 120) return t("{count} s", { count: seconds });
  if (seconds < 7200) return t("{count} min", { count: Math.round(seconds / 60) });
  return t("{count} h", { count: Math.round(seconds / 3600) });
}
// A running clock: 4:07, 1:02:09.
export function running(seconds) {
  const [hours, rest] = [Math.floor(seconds / 3600), pad(seconds % 60)];
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}
export const ago = (seconds) => t("{time} ago", { time: duration(seconds) });

export function measure(value, unit) {
  if (value === null || value === undefined || !unit) return "";
  if (unit === "s") return duration(Math.round(value));
  if (unit === "min") return duration(Math.round(value * 60));
  const shown = Math.abs(value) >= 10 ? Math.round(value) : value.toFixed(1);
  return unit === "m" ? t("{metres} m", { metres: shown }) : `${shown} ${unit}`;
}

// Names in the sample world say that they are made up; on the map that is said once.
export const plain = (text) => (text || "").replaceAll("（示例）", "").replaceAll(" (sample)", "");

export const STATES = [t("Moving"), t("Stopped"), t("Offline"), t("Yellow or blue"), t("Red or orange")];
export const PHASES = [t("Outside"), t("Inbound"), t("In district"), t("Outbound")];
const HAZARDS = {
  1: t("Explosives"),
  2.1: t("Flammable gas"),
  2.2: t("Non-flammable gas"),
  2.3: t("Toxic gas"),
  3: t("Flammable liquid"),
  4.1: t("Flammable solid"),
  4.2: t("Spontaneously combustible"),
  4.3: t("Dangerous when wet"),
  5.1: t("Oxidizer"),
  5.2: t("Organic peroxide"),
  6.1: t("Toxic"),
  6.2: t("Infectious"),
  7: t("Radioactive"),
  8: t("Corrosive"),
  9: t("Other hazards"),
};
export const hazardName = (name) =>
  `${t("Class {name}", { name })} ${HAZARDS[name] ?? HAZARDS[name.split(".")[0]] ?? ""}`.trim();
