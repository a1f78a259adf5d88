/** Whose mask a place in the picture belongs to; refuses to know what a click there means. */

import { area, contains, decode } from "./rle.js";

/**
 * Return the track at (x, y), or null. The selected ball goes before others, then the smallest; where no mask holds
 * the place, one at most `reach` picture pixels away does.
 * @param {Array} row
 * @param {number} x
 * @param {number} y
 * @param {{selected?: ?number, reach?: number}} [how]
 * @returns {?number}
 */
export function trackAt(row, x, y, { selected = null, reach = 0 } = {}) {
  const inside = row.filter((ball) => holds(ball, x, y));
  if (inside.length) return best(inside, selected, (ball) => area(ball[5]));
  const near = row
    .map((ball) => [distance(ball, x, y, reach), ball])
    .filter(([away]) => away <= reach);
  const away = new Map(near.map(([far, ball]) => [ball, far]));
  return best([...away.keys()], selected, (ball) => away.get(ball));
}

function holds([, left, top, width, height, counts], x, y) {
  const [column, line] = [Math.floor(x) - left, Math.floor(y) - top];
  if (column < 0 || line < 0 || column >= width || line >= height) return false;
  return contains(counts, height, column, line);
}

function best(balls, selected, rank) {
  if (!balls.length) return null;
  if (balls.some(([track]) => track === selected)) return selected;
  return balls.reduce((a, b) => (rank(b) < rank(a) ? b : a))[0];
}

function distance([, left, top, width, height, counts], x, y, reach) {
  if (x < left - reach || y < top - reach || x > left + width + reach || y > top + height + reach) {
    return Infinity;
  }
  const pixels = decode(counts, width, height);
  let least = Infinity;
  pixels.forEach((value, place) => {
    if (!value) return;
    const across = left + (place % width) + 0.5 - x;
    const down = top + Math.floor(place / width) + 0.5 - y;
    least = Math.min(least, Math.hypot(across, down));
  });
  return Math.max(0, least - 0.5); // to the pixel's rim
}
