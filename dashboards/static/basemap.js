// The plane the map is drawn on: Web Mercator, degrees as CGCS2000 tiles have them, or GCJ-02.
// A CRS here shifts the display only: all data stay WGS-84.
const RADIANS = Math.PI / 180;
const SEMI_MAJOR_M = 6378245; // Krasovsky 1940, as the obfuscation of GCJ-02 uses it
const ECCENTRICITY_SQUARED = 0.00669342162296594323;

// GCJ-02 minus WGS-84 in degrees, at WGS-84 degrees; written into out (lon, lat).
function shift(lon, lat, out) {
  const [x, y, pi] = [lon - 105, lat - 35, Math.PI];
  const { sin, sqrt, abs } = Math;
  const wave = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x);
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + (wave * 2) / 3;
  north += ((20 * sin(pi * y) + 40 * sin((pi / 3) * y)) * 2) / 3;
  north += ((160 * sin((pi / 12) * y) + 320 * sin((pi * y) / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + (wave * 2) / 3;
  east += ((20 * sin(pi * x) + 40 * sin((pi / 3) * x)) * 2) / 3;
  east += ((150 * sin((pi / 12) * x) + 300 * sin((pi / 30) * x)) * 2) / 3;
  const magic = 1 - ECCENTRICITY_SQUARED * sin(lat * RADIANS) ** 2;
  const meridian = (SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED)) / magic ** 1.5;
  const normal = (SEMI_MAJOR_M / sqrt(magic)) * Math.cos(lat * RADIANS);
  out[0] = east / normal / RADIANS;
  out[1] = north / meridian / RADIANS;
}

export function wgsToGcj(lon, lat) {
  shift(lon, lat, SCRATCH);
  return [lon + SCRATCH[0], lat + SCRATCH[1]];
}

// By three fixed-point steps: under a millimetre.
export function gcjToWgs(lon, lat) {
  let [east, north] = [lon, lat];
  for (let n = 0; n < 3; n++) {
    shift(east, north, SCRATCH);
    [east, north] = [lon - SCRATCH[0], lat - SCRATCH[1]];
  }
  return [east, north];
}

const SCRATCH = new Float64Array(2);

// Pixels of zoom 0, without an object for each truck.
function mercator(lon, lat, out) {
  const sine = Math.sin(lat * RADIANS);
  out[0] = (lon * 256) / 360 + 128;
  out[1] = 128 - (Math.log((1 + sine) / (1 - sine)) * 64) / Math.PI;
}

function degrees(lon, lat, out) {
  out[0] = (lon * 256) / 360 + 128;
  out[1] = 64 - (lat * 256) / 360;
}

function shifted(lon, lat, out) {
  shift(lon, lat, SCRATCH);
  mercator(lon + SCRATCH[0], lat + SCRATCH[1], out);
}

const MERCATOR = L.extend({}, L.CRS.EPSG3857, { place: mercator });

// Levels as TianDiTu counts them: 2 × 1 tiles at level 1, so that a level shows as much as in Web Mercator.
const DEGREES = L.extend({}, L.CRS.EPSG4326, {
  code: "EPSG:4490",
  transformation: L.transformation(1 / 360, 0.5, -1 / 360, 0.25),
  place: degrees,
});

const GCJ02 = L.extend({}, L.CRS.EPSG3857, {
  code: "GCJ-02",
  projection: L.extend({}, L.Projection.SphericalMercator, {
    project({ lat, lng }) {
      const [lon, north] = wgsToGcj(lng, lat);
      return L.Projection.SphericalMercator.project(L.latLng(north, lon));
    },
    unproject(point) {
      const { lat, lng } = L.Projection.SphericalMercator.unproject(point);
      const [lon, north] = gcjToWgs(lng, lat);
      return L.latLng(north, lon);
    },
  }),
  place: shifted,
});

// A setting's name → Leaflet's CRS, with `place(lon, lat, out)` for whole columns.
export const PLANES = { "EPSG:3857": MERCATOR, "EPSG:4490": DEGREES, "GCJ-02": GCJ02 };
