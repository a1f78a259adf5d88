/** What differs between two rows of a frame, ball by ball and pixel by pixel; refuses to know which one is right. */

import { decode } from "./rle.js";

/**
 * Compare two rows.
 * @param {Array} before
 * @param {Array} after
 * @returns {{track: number, x: number, y: number, w: number, h: number, added: Uint8Array, removed: Uint8Array,
 *   pixelsAdded: number, pixelsRemoved: number}[]} the balls that changed
 */
export function diffRows(before, after) {
  const old = new Map(before.map((ball) => [ball[0], ball]));
  const now = new Map(after.map((ball) => [ball[0], ball]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort((a, b) => a - b)
    .map((track) => diffBall(track, old.get(track), now.get(track)))
    .filter(({ pixelsAdded, pixelsRemoved }) => pixelsAdded || pixelsRemoved);
}

function diffBall(track, before, after) {
  const box = around([before, after].filter((ball) => ball && ball[3] && ball[4]));
  const old = spread(before, box);
  const now = spread(after, box);
  const added = now.map((value, i) => value & ~old[i]);
  const removed = old.map((value, i) => value & ~now[i]);
  const count = (pixels) => pixels.reduce((sum, value) => sum + value, 0);
  return { track, ...box, added, removed, pixelsAdded: count(added), pixelsRemoved: count(removed) };
}

function around(balls) {
  if (!balls.length) return { x: 0, y: 0, w: 0, h: 0 };
  const x = Math.min(...balls.map((ball) => ball[1]));
  const y = Math.min(...balls.map((ball) => ball[2]));
  const right = Math.max(...balls.map((ball) => ball[1] + ball[3]));
  const foot = Math.max(...balls.map((ball) => ball[2] + ball[4]));
  return { x, y, w: right - x, h: foot - y };
}

function spread(ball, { x, y, w, h }) {
  const pixels = new Uint8Array(w * h);
  if (!ball || !ball[3] || !ball[4]) return pixels;
  const [, left, top, width, height, counts] = ball;
  const crop = decode(counts, width, height);
  for (let line = 0; line < height; line++) {
    pixels.set(crop.subarray(line * width, (line + 1) * width), (top + line - y) * w + left - x);
  }
  return pixels;
}
