/** A stroke of brush or eraser on one mask, in picture pixels; refuses to know pointers and the screen. */

import { decode, encodeWhole } from "./rle.js";

/** One stroke: begins from the ball's mask of the frame, and knows the mask it leaves behind. */
export class Stroke {
  /**
   * @param {?Array} ball [track, x, y, w, h, counts, score], null where the ball has no mask yet
   * @param {{size: [number, number], radius: number, erase: boolean}} how size is [height, width] of the picture
   */
  constructor(ball, { size, radius, erase }) {
    [this._high, this._wide] = size;
    this._pixels = new Uint8Array(this._high * this._wide);
    this._box = null;
    this._last = null;
    this._radius = radius;
    this._value = erase ? 0 : 1;
    if (ball && ball[3] > 0 && ball[4] > 0) this._begin(ball);
  }

  _begin([, left, top, width, height, counts]) {
    const crop = decode(counts, width, height);
    for (let y = 0; y < height; y++) {
      this._pixels.set(crop.subarray(y * width, (y + 1) * width), (top + y) * this._wide + left);
    }
    this._box = [left, top, left + width, top + height];
  }

  /** Draw on to (x, y) in picture pixels, without gaps since the last place. */
  to(x, y) {
    const [x0, y0] = this._last ?? [x, y];
    const far = Math.hypot(x - x0, y - y0);
    const steps = Math.max(1, Math.ceil(far / Math.max(0.5, this._radius / 2)));
    for (let i = this._last ? 1 : steps; i <= steps; i++) {
      this._stamp(x0 + ((x - x0) * i) / steps, y0 + ((y - y0) * i) / steps);
    }
    this._last = [x, y];
  }

  _stamp(x, y) {
    const r = this._radius;
    const top = Math.max(0, Math.floor(y - r));
    const foot = Math.min(this._high, Math.ceil(y + r) + 1);
    for (let line = top; line < foot; line++) {
      const half = Math.sqrt(Math.max(0, r * r - (line + 0.5 - y) ** 2));
      const start = Math.max(0, Math.ceil(x - half - 0.5));
      const stop = Math.min(this._wide, Math.floor(x + half - 0.5) + 1);
      if (stop > start) this._span(line, start, stop);
    }
    this._dot(x, y);
  }

  _dot(x, y) {
    // The finest brush still paints the pixel it is on.
    const [column, line] = [Math.floor(x), Math.floor(y)];
    if (column < 0 || line < 0 || column >= this._wide || line >= this._high) return;
    this._span(line, column, column + 1);
  }

  _span(line, start, stop) {
    this._pixels.fill(this._value, line * this._wide + start, line * this._wide + stop);
    if (!this._value) return; // what was rubbed out lies in the box already
    const [x0, y0, x1, y1] = this._box ?? [start, line, stop, line + 1];
    this._box = [Math.min(x0, start), Math.min(y0, line), Math.max(x1, stop), Math.max(y1, line + 1)];
  }

  /** The mask as it is now: {x, y, w, h, pixels} of the crop that holds it. */
  crop() {
    const [x, y, right, foot] = this._box ?? [0, 0, 0, 0];
    const [w, h] = [right - x, foot - y];
    const pixels = new Uint8Array(w * h);
    for (let line = 0; line < h; line++) {
      const at = (y + line) * this._wide + x;
      pixels.set(this._pixels.subarray(at, at + w), line * w);
    }
    return { x, y, w, h, pixels };
  }

  /** The mask as the run lengths of the whole picture. */
  rle() {
    const { pixels, ...box } = this.crop();
    return encodeWhole(pixels, box, [this._high, this._wide]);
  }
}
