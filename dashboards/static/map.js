// The map: our own fences as vector layers in tones, names on top; below them tiles, if there are any.
import { PLANES } from "./basemap.js";
import { element } from "./format.js";
import { t } from "./i18n.js";
import { laneLines } from "./lanes.js";
import { LabelLayer } from "./labels.js";
import { AREAS, layerOf } from "./layers.js";

const LANES_FROM_ZOOM = 16;
const TILE_SHARE = 0.55; // tiles are dimmed by the dark ground, so that trucks stay the brightest
const DISTRICT = [
  [29.897, 121.462],
  [30.075, 121.784],
];
const PANES = { ground: 300, roads: 320, lanes: 340, trail: 400, trucks: 450, way: 460, names: 470 };

// A map in a container whose data say what lies below: data-tiles (address with {z}/{x}/{y}, empty for none),
// data-crs, data-attribution.
export function createMap(container) {
  const { tiles = "", crs = "", attribution = "" } = container.dataset;
  const map = L.map(container, {
    crs: PLANES[crs] ?? PLANES["EPSG:3857"],
    zoomControl: false,
    attributionControl: false,
    minZoom: 9,
    maxZoom: 19,
    zoomSnap: 0.5,
    wheelPxPerZoomLevel: 90,
    preferCanvas: true,
    fadeAnimation: false,
  });
  for (const [name, level] of Object.entries(PANES))
    Object.assign(map.createPane(name).style, { zIndex: level, pointerEvents: "none" });
  map.fitBounds(DISTRICT);
  if (tiles) L.tileLayer(tiles, { opacity: TILE_SHARE, noWrap: true, maxNativeZoom: 18 }).addTo(map);
  addStyle();
  addControls(map, attribution || t("Own vector map (sample data, not surveyed) · WGS-84"));
  return map;
}

function addStyle() {
  const href = new URL("./map.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return;
  document.head.append(element("link", "", "", { rel: "stylesheet", href }));
}

// Leaflet's own control of the attribution would take a setting's text for HTML.
function addControls(map, attribution) {
  const source = L.control({ position: "bottomleft" });
  source.onAdd = () => element("div", "leaflet-control-attribution", attribution);
  source.addTo(map);
  L.control
    .zoom({ position: "bottomleft", zoomInTitle: t("Zoom in"), zoomOutTitle: t("Zoom out") })
    .addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
}

const latLngs = (coordinates) => coordinates.map(([lon, lat]) => [lat, lon]);
const linesOf = (geometry) =>
  geometry.type === "MultiLineString" ? geometry.coordinates : [geometry.coordinates];

export class FenceLayers {
  constructor(map) {
    this.map = map;
    this.shown = new Set();
    this.features = [];
    this.renderers = Object.fromEntries(
      ["ground", "roads", "lanes"].map((pane) => [pane, L.canvas({ pane, padding: 0.3 })]),
    );
    this.drawn = L.layerGroup().addTo(map);
    this.lanes = L.layerGroup().addTo(map);
    this.labels = new LabelLayer().addTo(map);
    map.on("zoomend", () => this.draw());
    map.on("moveend", () => this.drawLanes());
  }

  async load() {
    const answer = await fetch("/api/fences");
    if (!answer.ok) throw new Error(`/api/fences: ${answer.status}`);
    this.features = (await answer.json()).features;
    this.draw();
  }

  show(layer, shown) {
    if (shown) this.shown.add(layer);
    else this.shown.delete(layer);
    this.draw();
  }

  // A fence's name; other words stand for themselves.
  nameOf(id) {
    return this.features.find(({ properties }) => properties.fence_id === id)?.properties.name ?? id;
  }

  bounds() {
    const box = L.latLngBounds([]);
    for (const { geometry, properties } of this.features) {
      if (properties.kind === "district") box.extend(L.geoJSON(geometry).getBounds());
    }
    return box;
  }

  // Road lines grow with the zoom up to the true width; from LANES_FROM_ZOOM on lanes take over.
  draw() {
    this.drawn.clearLayers();
    const zoom = this.map.getZoom();
    const order = [
      "district",
      "plant",
      "parking",
      "timed",
      "barred",
      "nostop",
      "corridor",
      "road",
      "designated",
    ];
    const sorted = this.features.map((feature) => [order.indexOf(layerOf(feature.properties)), feature]);
    const names = [];
    for (const [, feature] of sorted.sort((a, b) => a[0] - b[0])) {
      const layer = layerOf(feature.properties);
      if (layer !== "district" && !this.shown.has(layer)) continue;
      if (AREAS[layer])
        L.geoJSON(feature, {
          style: AREAS[layer],
          renderer: this.renderers.ground,
          interactive: false,
        }).addTo(this.drawn);
      else this.drawRoad(layer, feature, zoom);
      if (layer !== "district" && layer !== "corridor") names.push(feature);
    }
    this.labels.setFeatures(names);
    this.drawLanes();
  }

  drawRoad(layer, { geometry, properties }, zoom) {
    if (zoom >= LANES_FROM_ZOOM && properties.lane_count && layer !== "corridor") return;
    const swell = Math.max(0.7, (zoom - 9) / 4);
    const major = properties.road_class === "expressway" || properties.lane_count > 1;
    const strokes =
      {
        corridor: [["#4d7fb8", 3, 0.35]],
        road: [[major ? "#2a4a70" : "#1c3350", (major ? 1.9 : 1.1) * swell, 1]],
        designated: [
          ["#2fd39a", 6.5 * swell, 0.13],
          ["#1d6f66", 3.1 * swell, 1],
          ["#2fae8c", 1.1 * swell, 0.8],
        ],
      }[layer] ?? [];
    for (const line of linesOf(geometry)) {
      for (const [color, weight, opacity] of strokes) {
        L.polyline(latLngs(line), {
          color,
          weight,
          opacity,
          renderer: this.renderers.roads,
          interactive: false,
          smoothFactor: 1.5,
        }).addTo(this.drawn);
      }
    }
  }

  drawLanes() {
    this.lanes.clearLayers();
    const zoom = this.map.getZoom();
    if (zoom < LANES_FROM_ZOOM) return;
    const view = this.map.getBounds().pad(0.3);
    for (const { geometry, properties } of this.features) {
      const layer = layerOf(properties);
      if (!properties.lane_count || !this.shown.has(layer) || layer === "corridor") continue;
      for (const line of linesOf(geometry)) {
        if (view.intersects(L.latLngBounds(latLngs(line)))) this.drawCarriageway(line, properties, layer);
      }
    }
  }

  drawCarriageway(line, properties, layer) {
    const metre = 1 / this.metresPerPixel();
    const { lanes, edges } = laneLines(line, properties);
    const width = properties.lane_width_m * metre;
    const options = {
      renderer: this.renderers.lanes,
      interactive: false,
      lineCap: "butt",
      smoothFactor: 0.5,
    };
    for (const lane of lanes) {
      const marked = lane.designated && layer === "designated";
      L.polyline(lane.points, {
        ...options,
        color: marked ? "#1b6b5c" : "#16283f",
        weight: width + 0.6,
        opacity: 1,
      }).addTo(this.lanes);
      if (marked)
        L.polyline(lane.points, {
          ...options,
          color: "#2fd39a",
          weight: Math.max(1, width * 0.18),
          opacity: 0.8,
        }).addTo(this.lanes);
    }
    for (const edge of edges) {
      const dash = edge.outer ? null : `${6 * metre} ${9 * metre}`;
      L.polyline(edge.points, {
        ...options,
        color: edge.outer ? "#4d7096" : "#3d5c80",
        weight: 1,
        dashArray: dash,
      }).addTo(this.lanes);
    }
  }

  metresPerPixel() {
    const lat = (this.map.getCenter().lat * Math.PI) / 180;
    return (40075016.686 * Math.cos(lat)) / (256 * 2 ** this.map.getZoom());
  }
}
