// Where the map looks: clear of the panels, and kept in the address together with the selected truck.
const byId = (id) => document.getElementById(id);
const isWide = () => innerWidth > 820;

// The whole district in the part of the map that the panels leave free.
export function showAll(map, bounds) {
  map.fitBounds(bounds, {
    paddingTopLeft: [isWide() ? byId("layers").offsetWidth * 0.8 : 8, 12],
    paddingBottomRight: [isWide() ? byId("alerts").offsetWidth : 8, isWide() ? 24 : 8],
    animate: false,
  });
}

// The centre that puts a place into the part of the map that list and card leave free.
export function clearOfPanels(map, place, zoom) {
  const size = map.getSize();
  const left = (byId("card").hidden ? byId("layers") : byId("card")).getBoundingClientRect().right;
  const aside = isWide() ? (size.x - left - byId("alerts").getBoundingClientRect().left) / 2 : 0;
  const covered = Math.max(0, byId("card").offsetHeight - byId("alerts").offsetHeight) / 2;
  const lower = isWide() ? 0 : Math.min(covered, size.y / 3);
  return map.unproject(map.project(place, zoom).add([aside, lower]), zoom);
}

export function writeHash(map, selected) {
  const { lat, lng } = map.getCenter();
  const view = `${map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
  history.replaceState(null, "", `#${[view, encodeURIComponent(selected)].filter(Boolean).join("/")}`);
}

// Moves the map to where the address says and returns the truck that it names.
export function readHash(map) {
  const [zoom, lat, lon, id] = location.hash.slice(1).split("/");
  const view = [zoom, lat, lon].map(Number);
  if (lon && view.every(Number.isFinite)) map.setView([view[1], view[2]], view[0]);
  return id ? decodeURIComponent(id) : "";
}
