// The kinds of fences as layers of the map, and how areas look.
export const AREAS = {
  plant: { color: "#a78bfa", fillColor: "#8b6cf0", fillOpacity: 0.12, weight: 1.4, dashArray: "6 4" },
  parking: { color: "#3ddc97", fillColor: "#3ddc97", fillOpacity: 0.12, weight: 1.4, dashArray: "5 4" },
  barred: { color: "#d9566a", fillColor: "#d9344d", fillOpacity: 0.2, weight: 1.6 },
  timed: { color: "#ffc233", fillColor: "#ffc233", fillOpacity: 0.1, weight: 1.4, dashArray: "6 4" },
  nostop: { color: "#d98b4a", fillColor: "#d98b4a", fillOpacity: 0.16, weight: 1.2, dashArray: "2 3" },
  district: { color: "#35648f", fillColor: "#10233b", fillOpacity: 0.45, weight: 1.6, dashArray: "10 6" },
};

export function layerOf({ kind, start_minute: start, end_minute: end, weekdays }) {
  if (kind === "designated_road") return "designated";
  if (kind === "no_stop") return "nostop";
  if (kind !== "barred_area") return kind;
  return end - start >= 1440 && weekdays.length === 7 ? "barred" : "timed";
}
