/**
 * The masks of one row as pixels ready to draw: one small sheet with a crop for every ball, and every ball's rim.
 * Refuses to know where on the screen they go. One sheet a frame is one upload, however many balls.
 */

import { decode } from "./rle.js";
import { rim } from "./outline.js";

const GUTTER = 1; // pixels between crops, so that smoothing takes nothing from a neighbour
const WIDE = 512;
const KEPT = 60; // rows whose pixels are kept: two seconds

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
 * Colour crops and lay them out as the pixels of one sheet.
 * @param {{w: number, h: number, layers: {pixels: Uint8Array, color: number[], edge?: number[]}[]}[]} crops a colour is
 *   [r, g, b, a]; `edge` is for the pixels at a mask's rim
 * @returns {{image: ImageData, places: [number, number][]}}
 */
function colored(crops) {
  const { places, width, height } = shelves(crops);
  const image = new ImageData(width, height);
  const words = new Uint32Array(image.data.buffer);
  crops.forEach(({ w, h, layers }, i) => {
    for (const { pixels, color, edge = color } of layers) {
      copy({ words, width }, places[i], { w, h, pixels }, { inner: word(color), edge: word(edge) });
    }
  });
  return { image, places };
}

/** Paint coloured crops, as above, on a sheet of their own: {sheet, places}. */
export function paintSheet(crops) {
  const { image, places } = colored(crops);
  return { sheet: new Sheet().showing(image), places };
}

/** A canvas that is used again and again: making one for every frame costs more than all masks. */
class Sheet {
  constructor() {
    this._canvas = new OffscreenCanvas(1, 1);
    this._image = null;
  }

  showing(image) {
    const canvas = this._canvas;
    if (image === this._image) return canvas;
    if (canvas.width < image.width || canvas.height < image.height) {
      canvas.width = Math.max(canvas.width, image.width);
      canvas.height = Math.max(canvas.height, image.height);
    }
    canvas.getContext("2d", { willReadFrequently: true }).putImageData(image, 0, 0);
    this._image = image;
    return canvas;
  }
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

/** The pixels of the rows painted last. */
export class Atlas {
  constructor() {
    this._made = new Map();
    this._sheet = new Sheet();
  }

  /**
   * Return what to draw for a row, good until the next call: {sheet, balls: [{track, x, y, w, h, place, path}]}.
   * @param {Array} row
   * @param {function(number): {color: number[], edge: number[]}} colorsOf track -> colours as [r, g, b, a]
   */
  of(row, colorsOf) {
    const made = this._made.get(row) ?? make(row, colorsOf);
    this._made.delete(row); // and in again, as the one used last
    this._made.set(row, made);
    if (this._made.size > KEPT) this._made.delete(this._made.keys().next().value);
    return { sheet: this._sheet.showing(made.image), balls: made.balls };
  }

  /** Forget all pixels: colours have changed. */
  clear() {
    this._made.clear();
  }
}

function make(row, colorsOf) {
  const balls = row
    .filter(([, , , w, h]) => w > 0 && h > 0)
    .map(([track, x, y, w, h, counts]) => ({ track, x, y, w, h, pixels: decode(counts, w, h) }));
  const crops = balls.map(({ track, w, h, pixels }) => ({ w, h, layers: [{ pixels, ...colorsOf(track) }] }));
  const { image, places } = colored(crops);
  return { image, balls: balls.map((ball, i) => new Ball(ball, places[i])) };
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
