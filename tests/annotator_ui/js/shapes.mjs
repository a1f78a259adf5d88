/** Rows of simple shapes. */

import { encode } from "../../../annotator_ui/static/rle.js";

/** A ball's entry whose mask is where `inside` says, in a box [x0, y0, x1, y1]. */
export function shape(track, [x0, y0, x1, y1], inside) {
  const [w, h] = [x1 - x0, y1 - y0];
  const pixels = Uint8Array.from({ length: w * h }, (_, i) => (inside(x0 + (i % w), y0 + Math.floor(i / w)) ? 1 : 0));
  return [track, x0, y0, w, h, encode(pixels, w, h), 0.9];
}

/** A rectangle [x0, y0, x1, y1]. */
export const block = (track, box) => shape(track, box, () => true);

/** A disc around [x, y]. */
export const disc = (track, [x, y], r) =>
  shape(track, [x - r, y - r, x + r + 1, y + r + 1], (column, line) => Math.hypot(column - x, line - y) <= r);
