/**
 * What a click, a box or a stroke means, given which ball is chosen and which masks lie there. Pure.
 *
 * A click answers for the chosen ball where that is plausible: on its mask, near it, or anywhere when it has no mask on
 * this frame. A click on another ball chooses that one. A click on nothing, far from the chosen ball, has to be asked about.
 */

import { nameOf, readOnly } from "./state.js";

/** Return the box [x, y, width, height] of a track in a row, or null where it has no mask. */
export function boxIn(row, track) {
  const found = row?.find(([id, , , width, height]) => id === track && width > 0 && height > 0);
  return found ? found.slice(1, 5) : null;
}

/** Say whether a point is on or near a box: not further away than the box is wide or high. */
export function near([left, top, width, height], x, y) {
  const reach = Math.max(width, height);
  return x >= left - reach && x < left + width + reach && y >= top - reach && y < top + height + reach;
}

/** Return the track whose box is nearest to a point, if it is less than 1.5 of the ball's radii away; else null. */
export function beside(row, x, y) {
  let found = null;
  let least = 1.5;
  for (const [id, left, top, width, height] of row ?? []) {
    if (!width || !height) continue;
    const away = Math.hypot(Math.max(left - x, 0, x - left - width), Math.max(top - y, 0, y - top - height));
    const radii = away / (Math.max(width, height) / 2);
    if (radii < least) [found, least] = [id, radii];
  }
  return found;
}

/** Return the ids of the tracks that have no mask in a row. */
export const lost = (state, row) => state.tracks.map((track) => track.id).filter((id) => !boxIn(row, id));

/**
 * @typedef {{do: "refuse", why: string} | {do: "pick", track: number} | {do: "select", track: number|null}
 *   | {do: "prompt", track: number} | {do: "ask"} | {do: "nothing", why: string}} Meaning
 */

/**
 * Return what a click means.
 * @param {object} state
 * @param {Array|undefined} row  the masks of that frame
 * @param {{x: number, y: number, positive: boolean, hit: number|null}} click
 * @returns {Meaning}
 */
export function ofPoint(state, row, { x, y, positive, hit }) {
  const why = readOnly(state);
  if (state.pick) return hit === null ? { do: "nothing", why: "click a ball, or Esc" } : { do: "pick", track: hit };
  if (why) return hit === null ? { do: "refuse", why } : { do: "select", track: hit };
  if (state.adding && positive) return { do: "ask" };
  if (!positive) return ofNegative(state, row, { x, y, hit });
  const { selected } = state;
  if (selected !== null) {
    const box = boxIn(row, selected);
    if (!box || hit === selected) return { do: "prompt", track: selected };
    if (hit === null && near(box, x, y)) return { do: "prompt", track: selected };
  }
  return hit === null ? ofEmpty(state, row, { x, y }) : { do: "select", track: hit };
}

/** A click on no mask means a new ball, unless it only just missed one. */
function ofEmpty(state, row, { x, y }) {
  const missed = beside(row, x, y);
  if (missed === null) return { do: "ask" };
  return { do: "nothing", why: `no mask is here: click ${nameOf(state, missed)} itself to choose it, or press A for a new ball` };
}

function ofNegative(state, row, { x, y, hit }) {
  const box = state.selected === null ? null : boxIn(row, state.selected);
  if (box && near(box, x, y)) return { do: "prompt", track: state.selected };
  if (hit !== null) return { do: "prompt", track: hit };
  return { do: "nothing", why: "there is no mask here to take away from: right-click on a mask that is too large" };
}

/**
 * Return what a dragged box means.
 * @param {object} state
 * @param {Array|undefined} row
 * @param {number[]} box  [x0, y0, x1, y1]
 * @returns {Meaning}
 */
export function ofBox(state, row, box) {
  const why = readOnly(state);
  if (why) return { do: "refuse", why };
  if (state.adding) return { do: "ask" };
  const own = state.selected === null ? null : boxIn(row, state.selected);
  if (state.selected !== null && (!own || near(own, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2))) {
    return { do: "prompt", track: state.selected };
  }
  const under = bestUnder(row ?? [], box);
  return under === null ? { do: "ask" } : { do: "prompt", track: under };
}

/** Return the track whose box overlaps a dragged box best, if by more than a third; else null. */
function bestUnder(row, [x0, y0, x1, y1]) {
  let best = null;
  let most = 1 / 3;
  for (const [id, left, top, width, height] of row) {
    const wide = Math.min(x1, left + width) - Math.max(x0, left);
    const high = Math.min(y1, top + height) - Math.max(y0, top);
    if (wide <= 0 || high <= 0) continue;
    const both = wide * high;
    const share = both / ((x1 - x0) * (y1 - y0) + width * height - both);
    if (share > most) [best, most] = [id, share];
  }
  return best;
}
