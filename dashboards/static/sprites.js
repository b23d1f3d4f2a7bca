// Trucks as small pictures made once: an arrow for each of 32 headings, or a dot, in each state's colour.
export const HEADINGS = 32;
export const REACH = 24; // no picture reaches further from its middle, in CSS pixels
const COLOURS = ["#43bdfb", "#8ba2c0", "#66788f", "#ffc233", "#ff4d5e"];
const DOT_RADIUS = [2.3, 2, 2, 3.6, 4.2];
const SOLID = 250;

// The pixels of a picture: solid ones first, which need no mixing with what lies below. A hard picture has no
// others: its dark rim's edge would hardly be seen, and mixing costs more than all the rest.
function painted(size, paint, hard = false) {
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.translate(size / 2, size / 2);
  paint(context);
  const words = new Uint32Array(context.getImageData(0, 0, size, size).data.buffer);
  const seen = [...words.keys()].filter((n) => words[n] >>> 24 > (hard ? 110 : 8));
  if (hard) for (const n of seen) words[n] = (words[n] | 0xff000000) >>> 0;
  const solid = seen.filter((n) => words[n] >>> 24 > SOLID);
  const pixels = [...solid, ...seen.filter((n) => words[n] >>> 24 <= SOLID)];
  return {
    dx: Int16Array.from(pixels, (n) => (n % size) - (size >> 1)),
    dy: Int16Array.from(pixels, (n) => Math.floor(n / size) - (size >> 1)),
    colours: Uint32Array.from(pixels, (n) => words[n]),
    steps: new Int32Array(pixels.length),
    solid: solid.length,
  };
}

function shape(size, colour, unit, outline) {
  return painted(Math.ceil(size * unit), (context) => {
    context.scale(unit, unit);
    context.beginPath();
    outline(context);
    context.lineWidth = 1.5;
    context.strokeStyle = "#06101d";
    context.stroke();
    context.fillStyle = colour;
    context.fill();
  }, true);
}

const arrow = (colour, heading, unit, size = 1) =>
  shape(22 * size, colour, unit, (context) => {
    context.rotate((heading / HEADINGS) * 2 * Math.PI);
    context.scale(size, size);
    context.moveTo(0, -8);
    context.lineTo(5, 6.5);
    context.lineTo(0, 3.5);
    context.lineTo(-5, 6.5);
    context.closePath();
  });

const dot = (colour, radius, unit) =>
  shape(radius * 2 + 4, colour, unit, (context) => context.arc(0, 0, radius, 0, 2 * Math.PI));

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

// Pictures for screens with this many device pixels to a CSS pixel.
export function makeSprites(unit) {
  const arrows = (size) =>
    COLOURS.map((colour) =>
      Array.from({ length: HEADINGS }, (_, heading) => arrow(colour, heading, unit, size)),
    );
  return {
    arrows: arrows(1),
    smallArrows: arrows(0.72),
    dots: COLOURS.map((colour, state) => dot(colour, DOT_RADIUS[state], unit)),
    specks: COLOURS.map((colour, state) => dot(colour, DOT_RADIUS[state] * 0.75, unit)),
    stops: COLOURS.map((colour) => dot(colour, 3.6, unit)),
    smallStops: COLOURS.map((colour) => dot(colour, 2.6, unit)),
    alarm: ring("#ff4d5ed0", 11, 1.6, unit, 0),
    selected: ring("#ffffff", 14, 2.4, unit, 8),
  };
}

// Tell the pictures how many pixels a row of the image has.
export function layOut(sprites, stride) {
  for (const sprite of Object.values(sprites).flat(2))
    for (let n = 0; n < sprite.steps.length; n++) sprite.steps[n] = sprite.dy[n] * stride + sprite.dx[n];
}

// Write a picture around pixel `at`; the image must have a margin of REACH.
export function blit(words, at, sprite) {
  const { steps, colours, solid } = sprite;
  for (let n = 0; n < solid; n++) words[at + steps[n]] = colours[n];
  for (let n = solid; n < steps.length; n++) {
    const place = at + steps[n];
    words[place] = words[place] === 0 ? colours[n] : blend(words[place], colours[n]);
  }
}

// The same, and count how many pictures cover each solid pixel (up to 255).
export function blitCounted(words, counts, at, sprite) {
  const { steps, solid } = sprite;
  for (let n = 0; n < solid; n++) if (counts[at + steps[n]] < 255) counts[at + steps[n]]++;
  blit(words, at, sprite);
}

export function blend(under, over, alpha = over >>> 24) {
  const rest = 255 - alpha;
  const red = ((over & 255) * alpha + (under & 255) * rest) >> 8;
  const green = (((over >> 8) & 255) * alpha + ((under >> 8) & 255) * rest) >> 8;
  const blue = (((over >> 16) & 255) * alpha + ((under >> 16) & 255) * rest) >> 8;
  return ((Math.max(alpha, under >>> 24) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
