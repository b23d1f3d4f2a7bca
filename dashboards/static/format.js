// Times in Shanghai, plates with their dot, elements without innerHTML.
import { TEXTS } from "./texts.js";

const SHANGHAI_MS = 8 * 3600 * 1000;
const pad = (number) => String(number).padStart(2, "0");

const local = (ms) => new Date(ms + SHANGHAI_MS);
export const clockTime = (ms) => {
  const date = local(ms);
  return `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
};
export const dayOf = (ms) => {
  const date = local(ms);
  return `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
};
export const longDay = (ms) => {
  const date = local(ms);
  const day = `${date.getUTCFullYear()}年${date.getUTCMonth() + 1}月${date.getUTCDate()}日`;
  return `${day} ${TEXTS.weekdays[date.getUTCDay()]}`;
};
export const whenIn = (ms, nowMs) =>
  dayOf(ms) === dayOf(nowMs) ? clockTime(ms) : `${dayOf(ms).slice(5)} ${clockTime(ms).slice(0, 5)}`;

export const plateText = (plate) =>
  /^[\u4e00-\u9fff][A-Z][A-Z0-9]/.test(plate) ? `${plate.slice(0, 2)}·${plate.slice(2)}` : plate;

export function element(tag, className = "", text = "", attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== "") made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export const plateChip = (plate, colour) => element("span", `plate ${colour || "unknown"}`, plateText(plate));
export const levelChip = (level) => element("b", `level ${level}`, TEXTS.levels[level] ?? "?");

export function measure(value, unit) {
  if (value === null || value === undefined || !unit) return "";
  if (unit === "s") return TEXTS.duration(Math.round(value));
  if (unit === "min") return TEXTS.duration(Math.round(value * 60));
  return `${Math.abs(value) >= 10 ? Math.round(value) : value.toFixed(1)} ${unit === "m" ? "米" : unit}`;
}
