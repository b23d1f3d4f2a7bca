// Measuring on the map: click points (or Enter at the map's middle), read metres along the ground.
import { element } from "./format.js";
import { t } from "./i18n.js";

export const lengthText = (metres) =>
  metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(metres < 10_000 ? 2 : 1)} km`;

export class Measure {
  // `onChange(active)` tells a button whether measuring is on.
  constructor(map, onChange = () => {}) {
    this.map = map;
    this.onChange = onChange;
    this.active = false;
    this.places = [];
    this.drawn = L.layerGroup();
    this.status = element("p", "measure-status", "", { role: "status" });
    this.status.hidden = true;
    map.getContainer().append(this.status);
    this.handlers = {
      click: ({ latlng }) => this.add(latlng),
      dblclick: () => this.end(),
      mousemove: ({ latlng }) => this.stretch(latlng),
      keydown: ({ originalEvent }) => this.key(originalEvent),
    };
  }

  toggle() {
    if (this.active) this.clear();
    else this.begin();
    return this.active;
  }

  begin() {
    this.clear();
    this.drawn.addTo(this.map);
    this.listen(true);
    this.status.hidden = false;
    this.say(
      t("Click points on the map. Enter sets one in the middle, twice in one place ends, Esc clears."),
    );
    this.map.getContainer().focus({ preventScroll: true });
  }

  listen(on) {
    if (on === this.active) return;
    this.active = on;
    const { doubleClickZoom } = this.map;
    if (on) {
      this.map.on(this.handlers);
      this.zoomed = doubleClickZoom.enabled();
      doubleClickZoom.disable();
    } else {
      this.map.off(this.handlers);
      if (this.zoomed) doubleClickZoom.enable();
    }
    this.map.getContainer().classList.toggle("measuring", on);
    this.onChange(on);
  }

  // The line stays to be read; the next toggle or Esc takes it away.
  end() {
    this.listen(false);
    this.map.on("keydown", this.handlers.keydown);
    this.draw();
  }

  clear() {
    this.listen(false);
    this.map.off("keydown", this.handlers.keydown);
    this.places = [];
    this.drawn.clearLayers().remove();
    this.status.hidden = true;
  }

  key(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.clear();
    } else if (event.key === "Enter" && this.active) this.add(this.map.getCenter());
  }

  // A second click on the last point ends, as a double click does.
  add(place) {
    const last = this.places.at(-1);
    const near = last && this.apart(last, place) < 4;
    if (near) return this.end();
    this.places.push(place);
    return this.draw();
  }

  apart(one, other) {
    return this.map.latLngToContainerPoint(one).distanceTo(this.map.latLngToContainerPoint(other));
  }

  length(places) {
    return places.slice(1).reduce((sum, place, n) => sum + this.map.distance(places[n], place), 0);
  }

  stretch(place) {
    if (this.places.length) this.draw(place);
  }

  draw(ahead = null) {
    this.drawn.clearLayers();
    const way = ahead ? [...this.places, ahead] : this.places;
    const look = { color: "#ffe08a", weight: 3, interactive: false };
    L.polyline(this.places, look).addTo(this.drawn);
    if (ahead) L.polyline([this.places.at(-1), ahead], { ...look, dashArray: "4 7" }).addTo(this.drawn);
    this.places.forEach((place, n) => this.point(place, n));
    const length = lengthText(this.length(way));
    this.say(this.active ? t("Length {length}", { length }) : t("Length {length}. Esc clears.", { length }));
  }

  point(place, n) {
    const icon = L.divIcon({ className: "measure-point", iconSize: [11, 11] });
    const made = L.marker(place, { icon, interactive: false, keyboard: false }).addTo(this.drawn);
    const words = element("span", "", n ? lengthText(this.length(this.places.slice(0, n + 1))) : t("Start"));
    made.bindTooltip(words, { permanent: true, direction: "right", className: "map-words", offset: [8, 0] });
  }

  say(words) {
    this.status.textContent = words;
  }
}
