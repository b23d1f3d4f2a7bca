// How many trucks lie on one another, as colour: cyan for a few, white for many, where single ones cannot be
// told apart.
import { blend } from "./sprites.js";

export const SINGLE_FROM_ZOOM = 13;
const FADE_ZOOMS = 1;
const MOST = 40; // trucks on one pixel that are shown white
const STOPS = [
  [0x1f, 0x8f, 0xd6],
  [0x43, 0xbd, 0xfb],
  [0x8f, 0xe3, 0xf5],
  [0xd9, 0xf8, 0xf0],
  [0xff, 0xff, 0xff],
];

function colourOf(count) {
  const place = Math.min(1, Math.log(count) / Math.log(MOST)) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(place));
  return STOPS[low].map((from, n) => Math.round(from + (STOPS[low + 1][n] - from) * (place - low)));
}

const RAMP = Uint32Array.from({ length: 256 }, (_, count) => {
  const [red, green, blue] = colourOf(Math.max(1, count));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
});

// How strongly density is shown at a zoom, 0 to 1.
export const densityShare = (zoom) => Math.min(1, Math.max(0, (SINGLE_FROM_ZOOM - zoom) / FADE_ZOOMS));

// Colour the pixels that several trucks cover; `counts` has a whole number of words, four to a word.
export function colourDensity(words, counts, start, end, share) {
  const fours = new Uint32Array(counts.buffer, 0, counts.length >> 2);
  const alpha = Math.round(share * 255);
  for (let four = start >> 2; four < end >> 2; four++) {
    if ((fours[four] & 0xfefefefe) === 0) continue;
    for (let n = four * 4; n < four * 4 + 4; n++)
      if (counts[n] > 1) words[n] = blend(words[n], RAMP[counts[n]], alpha);
  }
}

// The ramp as a CSS gradient, for a legend.
export const DENSITY_GRADIENT = `linear-gradient(90deg, ${STOPS.map((rgb) => `rgb(${rgb})`).join(", ")})`;
