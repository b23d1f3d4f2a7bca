// The small map of an alert: fences, the way around it, the place where it fired.
import { createMap, FenceLayers } from "./map.js";
import { Trail } from "./trail.js";

const LAYERS = ["designated", "road", "corridor", "plant", "parking", "barred", "timed", "nostop"];
const COLOURS = { red: "#ff4d4f", orange: "#ff9f43", yellow: "#ffd43b", blue: "#4dabf7" };
const container = document.getElementById("alert-map");

function show() {
  const { track, alert, level } = JSON.parse(container.dataset.around);
  container.hidden = false;
  const map = createMap(container);
  const fences = new FenceLayers(map);
  for (const layer of LAYERS) fences.show(layer, true);
  fences.load().catch((error) => console.warn(error));
  new Trail(map).draw(track, { alert });
  const box = L.latLngBounds(track.lat.map((lat, n) => [lat / 1e6, track.lon[n] / 1e6]));
  if (alert.lon !== undefined && alert.lat !== undefined) {
    const place = [alert.lat, alert.lon];
    box.extend(place);
    const look = { radius: 9, color: "#fff", weight: 2, fillColor: COLOURS[level], fillOpacity: 1 };
    L.circleMarker(place, { ...look, interactive: false }).addTo(map);
  }
  if (box.isValid()) map.fitBounds(box.pad(0.2), { maxZoom: 15 });
}

if (container && window.L) show();
