// Names of roads and areas on one canvas; a name that would overlap one already there is left out.
import { layerOf } from "./map.js";
import { TEXTS } from "./texts.js";

const COLOURS = {
  plant: "#c9b8ff",
  parking: "#8eeec0",
  barred: "#ff9aa8",
  timed: "#ffd97a",
  nostop: "#f0b98a",
  designated: "#d5e6f6",
  road: "#8ea9c8",
};
const PRIORITY = ["designated", "barred", "timed", "plant", "parking", "nostop", "road"];
const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
const AREAS_FROM_ZOOM = 11.3;
const MINOR_FROM_ZOOM = 13.5;

function anchors(geometry) {
  if (geometry.type.endsWith("Polygon")) {
    const ring = geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates[0][0];
    const box = L.latLngBounds(ring.map(([lon, lat]) => [lat, lon]));
    return [box.getCenter()];
  }
  const line = geometry.type === "LineString" ? geometry.coordinates : geometry.coordinates[0];
  return [0.5, 0.3, 0.7, 0.15, 0.85].map((share) => {
    const [lon, lat] = line[Math.min(line.length - 1, Math.floor(share * line.length))];
    return L.latLng(lat, lon);
  });
}

export const LabelLayer = L.Renderer.extend({
  initialize() {
    L.Renderer.prototype.initialize.call(this, { padding: 0.05, pane: "names" });
    this._names = [];
  },

  _initContainer() {
    this._container = L.DomUtil.create("canvas", "label-canvas");
    this._context = this._container.getContext("2d");
  },

  _destroyContainer() {
    this._container.remove();
  },

  _onZoomEnd() {},
  _updatePaths() {},

  setFeatures(features) {
    this._names = features.map(({ geometry, properties }) => ({
      text: properties.name.replaceAll(TEXTS.illustrative, ""),
      layer: layerOf(properties),
      minor:
        properties.kind.endsWith("road") &&
        properties.road_class !== "expressway" &&
        !(properties.lane_count > 1 && properties.kind !== "road"),
      anchors: anchors(geometry),
    }));
    this._names.sort((a, b) => a.minor - b.minor || PRIORITY.indexOf(a.layer) - PRIORITY.indexOf(b.layer));
    if (this._map) this._update();
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const unit = Math.min(2, devicePixelRatio || 1);
    const size = this._bounds.getSize();
    L.DomUtil.setPosition(this._container, this._bounds.min);
    Object.assign(this._container, { width: size.x * unit, height: size.y * unit });
    Object.assign(this._container.style, { width: `${size.x}px`, height: `${size.y}px` });
    this._context.setTransform(unit, 0, 0, unit, -this._bounds.min.x * unit, -this._bounds.min.y * unit);
    this._draw();
  },

  _draw() {
    const taken = [];
    const zoom = this._map.getZoom();
    Object.assign(this._context, { textAlign: "center", textBaseline: "middle", lineJoin: "round" });
    for (const name of this._names) {
      if (name.minor && zoom < MINOR_FROM_ZOOM) continue;
      if (zoom < AREAS_FROM_ZOOM && name.layer !== "designated") continue;
      this._context.font = `${name.layer === "road" ? 12 : 13}px ${FONT}`;
      const half = this._context.measureText(name.text).width / 2 + 6;
      const spot = this._freeSpot(name.anchors, half, taken);
      if (spot) this._write(name, spot);
    }
  },

  _freeSpot(places, half, taken) {
    for (const place of places) {
      const at = this._map.latLngToLayerPoint(place);
      const box = [at.x - half, at.y - 11, at.x + half, at.y + 11];
      if (!this._bounds.contains(at)) continue;
      if (
        taken.some(
          (other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3],
        )
      )
        continue;
      taken.push(box);
      return at;
    }
    return null;
  },

  _write(name, at) {
    this._context.strokeStyle = "#07111fd0";
    this._context.lineWidth = 3.5;
    this._context.strokeText(name.text, at.x, at.y);
    this._context.fillStyle = COLOURS[name.layer] ?? "#a9bbd2";
    this._context.fillText(name.text, at.x, at.y);
  },
});
