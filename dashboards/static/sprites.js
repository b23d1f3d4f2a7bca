// Trucks as small pictures made once: an arrow for each of 32 headings, or a dot, in each state's colour.
export const HEADINGS = 32;
const COLOURS = ["#43bdfb", "#8ba2c0", "#66788f", "#ffc233", "#ff4d5e"];
const DOT_RADIUS = [2.3, 2, 2, 3.6, 4.2];

function painted(size, paint) {
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext("2d");
  context.translate(size / 2, size / 2);
  paint(context);
  const words = new Uint32Array(context.getImageData(0, 0, size, size).data.buffer);
  const pixels = [];
  for (let n = 0; n < words.length; n++)
    if (words[n] >>> 24 > 8)
      pixels.push((n % size) - (size >> 1), Math.floor(n / size) - (size >> 1), words[n]);
  return {
    offsets: Int16Array.from(pixels.filter((_, n) => n % 3 < 2)),
    words: Uint32Array.from(pixels.filter((_, n) => n % 3 === 2)),
  };
}

function arrow(colour, heading, unit) {
  return painted(Math.ceil(22 * unit), (context) => {
    context.rotate((heading / HEADINGS) * 2 * Math.PI);
    context.scale(unit, unit);
    context.beginPath();
    context.moveTo(0, -8);
    context.lineTo(5, 6.5);
    context.lineTo(0, 3.5);
    context.lineTo(-5, 6.5);
    context.closePath();
    context.lineWidth = 1.6;
    context.strokeStyle = "#06101dcc";
    context.stroke();
    context.fillStyle = colour;
    context.fill();
  });
}

function dot(colour, radius, unit) {
  return painted(Math.ceil((radius * 2 + 4) * unit), (context) => {
    context.scale(unit, unit);
    context.beginPath();
    context.arc(0, 0, radius, 0, 2 * Math.PI);
    context.lineWidth = 1.4;
    context.strokeStyle = "#06101dcc";
    context.stroke();
    context.fillStyle = colour;
    context.fill();
  });
}

function ring(colour, radius, width, unit, glow) {
  return painted(Math.ceil((radius * 2 + 14) * unit), (context) => {
    context.scale(unit, unit);
    context.beginPath();
    context.arc(0, 0, radius, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.shadowColor = colour;
    context.shadowBlur = glow * unit;
    context.stroke();
  });
}

export function makeSprites(unit) {
  return {
    arrows: COLOURS.map((colour) =>
      Array.from({ length: HEADINGS }, (_, heading) => arrow(colour, heading, unit)),
    ),
    dots: COLOURS.map((colour, state) => dot(colour, DOT_RADIUS[state], unit)),
    specks: COLOURS.map((colour, state) => dot(colour, DOT_RADIUS[state] * 0.7, unit)),
    stops: COLOURS.map((colour) => dot(colour, 3.6, unit)),
    alarm: ring("#ff4d5ed0", 11, 1.6, unit, 0),
    selected: ring("#ffffff", 14, 2.4, unit, 8),
  };
}
