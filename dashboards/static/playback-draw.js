// Drawing a rectangle on the map: press, drag, let go. Escape gives up.
export function drawRectangle(map, done) {
  const box = map.getContainer();
  let [corner, shape] = [null, null];
  const place = (event) => map.mouseEventToLatLng(event);
  const down = (event) => {
    event.preventDefault();
    event.stopPropagation();
    corner = place(event);
    shape = L.rectangle([corner, corner], { color: "#7fd0ff", weight: 2, interactive: false }).addTo(map);
  };
  const move = (event) => shape?.setBounds([corner, place(event)]);
  const up = (event) => {
    const bounds = shape && L.latLngBounds(corner, place(event));
    end();
    done(bounds && bounds.getNorth() > bounds.getSouth() ? bounds : null);
  };
  const escape = (event) => {
    if (event.key !== "Escape") return;
    end();
    done(null);
  };
  function end() {
    shape?.remove();
    box.classList.remove("drawing");
    map.dragging.enable();
    box.removeEventListener("pointerdown", down, true);
    box.removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("keydown", escape);
  }
  box.classList.add("drawing");
  map.dragging.disable();
  box.addEventListener("pointerdown", down, true);
  box.addEventListener("pointermove", move);
  addEventListener("pointerup", up);
  addEventListener("keydown", escape);
}
