/**
 * The masks of one row as pixels ready to draw: one small sheet with a crop for every ball, and every ball's rim.
 * Refuses to know where on the screen they go. One sheet a frame is one upload, however many balls.
 */

import { decode } from "./rle.js";
import { rim } from "./outline.js";

const GUTTER = 1; // pixels between crops, so that smoothing takes nothing from a neighbour
const WIDE = 512;
const KEPT = 90; // sheets: three seconds

/**
 * Lay crops out on shelves; pure.
 * @param {{w: number, h: number}[]} crops
 * @returns {{places: [number, number][], width: number, height: number}}
 */
export function shelves(crops) {
  const width = Math.max(WIDE, ...crops.map(({ w }) => w));
  let [x, y, high] = [0, 0, 0];
  const places = crops.map(({ w, h }) => {
    if (x + w > width) [x, y, high] = [0, y + high + GUTTER, 0];
    const place = [x, y];
    x += w + GUTTER;
    high = Math.max(high, h);
    return place;
  });
  return { places, width, height: Math.max(1, y + high) };
}

/**
 * Paint coloured crops on one sheet.
 * @param {{w: number, h: number, layers: {pixels: Uint8Array, color: number[], edge?: number[]}[]}[]} crops a colour is
 *   [r, g, b, a]; `edge` is for the pixels at a mask's rim
 * @returns {{sheet: OffscreenCanvas, places: [number, number][]}}
 */
export function paintSheet(crops) {
  const { places, width, height } = shelves(crops);
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  crops.forEach(({ w, h, layers }, i) => {
    for (const { pixels, color, edge = color } of layers) {
      copy({ words, width }, places[i], { w, h, pixels }, { inner: word(color), edge: word(edge) });
    }
  });
  const sheet = new OffscreenCanvas(width, height);
  sheet.getContext("2d").putImageData(image, 0, 0);
  return { sheet, places };
}

function copy({ words, width }, [left, top], { w, h, pixels }, { inner, edge }) {
  for (let y = 0; y < h; y++) {
    const line = (top + y) * width + left;
    const rimmed = y === 0 || y === h - 1;
    for (let x = 0, at = y * w; x < w; x++, at++) {
      if (!pixels[at]) continue;
      const within = !rimmed && x > 0 && x < w - 1 && pixels[at - 1] && pixels[at + 1] && pixels[at - w] && pixels[at + w];
      words[line + x] = within ? inner : edge;
    }
  }
}

function word([r, g, b, a]) {
  return new Uint32Array(new Uint8ClampedArray([r, g, b, a]).buffer)[0]; // in this machine's order of bytes
}

/** Return "#rrggbb" with an opacity 0..1 as [r, g, b, a], each 0..255. */
export function rgba(color, opacity) {
  const value = parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255, Math.round(opacity * 255)];
}

/** Sheets of the rows painted last. */
export class Atlas {
  constructor() {
    this._sheets = new Map();
  }

  /**
   * Return what to draw for a row: {sheet, balls: [{track, x, y, w, h, place, path}]}; made once for every row.
   * @param {Array} row
   * @param {function(number): {color: number[], edge: number[]}} colorsOf track -> colours as [r, g, b, a]
   */
  of(row, colorsOf) {
    const known = this._sheets.get(row);
    if (known) {
      this._sheets.delete(row); // and in again, as the one used last
      this._sheets.set(row, known);
      return known;
    }
    const made = make(row, colorsOf);
    this._sheets.set(row, made);
    if (this._sheets.size > KEPT) this._sheets.delete(this._sheets.keys().next().value);
    return made;
  }

  /** Forget all sheets: colours have changed. */
  clear() {
    this._sheets.clear();
  }
}

function make(row, colorsOf) {
  const balls = row
    .filter(([, , , w, h]) => w > 0 && h > 0)
    .map(([track, x, y, w, h, counts]) => ({ track, x, y, w, h, pixels: decode(counts, w, h) }));
  const crops = balls.map(({ track, w, h, pixels }) => ({ w, h, layers: [{ pixels, ...colorsOf(track) }] }));
  const { sheet, places } = paintSheet(crops);
  return { sheet, balls: balls.map((ball, i) => new Ball(ball, places[i])) };
}

/** A ball's crop on a sheet; its rim is traced when somebody wants it. */
class Ball {
  constructor({ track, x, y, w, h, pixels }, place) {
    Object.assign(this, { track, x, y, w, h, place });
    this._pixels = pixels;
    this._path = null;
  }

  get path() {
    this._path ??= pathOf(this._pixels, this);
    return this._path;
  }
}

/** Return the rim of a crop as a path in picture pixels. */
export function pathOf(pixels, { x, y, w, h }) {
  const path = new Path2D();
  for (const [x0, y0, x1, y1] of rim(pixels, w, h)) {
    path.moveTo(x + x0, y + y0);
    path.lineTo(x + x1, y + y1);
  }
  return path;
}
