/** Clicks, boxes and strokes that are shown before the server has answered; refuses to know whether it will. */

import { diffRows } from "./diff.js";

const NEAR = 0.51; // picture pixels: a server may round places
const PATIENCE = 15_000; // ms after which a mark that nobody answered is no longer shown

/** The marks of one clip that nobody has confirmed yet. */
export class Waiting {
  /** @param {function(): number} [now] the time in ms */
  constructor(now = () => performance.now()) {
    this._now = now;
    this._marks = [];
    this._prompts = null;
  }

  /**
   * Show a mark {frame, track, points}, {frame, track, box} or {frame, track, crop: {x, y, w, h, counts}}; each may have
   * the `moment` at which a hand made it.
   */
  add(mark) {
    this._marks.push({ points: [], box: null, crop: null, ...mark, origin: mark, waiting: true, since: this._now() });
  }

  /** Take a mark back. */
  remove(mark) {
    this._marks = this._marks.filter(({ origin }) => origin !== mark);
  }

  /** The clicks and boxes of a frame. */
  at(frame) {
    return this._marks.filter((mark) => mark.frame === frame && !mark.crop);
  }

  /** The last stroke of a frame, {frame, track, crop}; of one track if it is named; null if there is none. */
  stroke(frame, track = null) {
    const strokes = this._marks.filter((mark) => mark.crop && mark.frame === frame && (track === null || mark.track === track));
    return strokes.at(-1) ?? null;
  }

  /**
   * Drop the marks that are among the prompts in force, and return them. The very list that was known already says that
   * nothing came of what was asked: then all are dropped.
   */
  known(prompts) {
    if (prompts === this._prompts) this.clear();
    this._prompts = prompts;
    const oldest = this._now() - PATIENCE;
    this._marks = this._marks.filter((mark) => mark.since >= oldest);
    return this._drop((mark) => prompts.some((prompt) => covers(prompt, mark)));
  }

  /** Drop the strokes that rows, {frame: row}, show as they are, and those before them, and return them. */
  answered(rows) {
    const shown = this._marks.filter((mark) => mark.crop && rows[mark.frame] && isIn(rows[mark.frame], mark));
    const last = (mark) => shown.findLast(({ frame, track }) => frame === mark.frame && track === mark.track);
    const places = new Map(this._marks.map((mark, i) => [mark, i]));
    return this._drop((mark) => mark.crop && last(mark) && places.get(mark) <= places.get(last(mark)));
  }

  _drop(goes) {
    const dropped = this._marks.filter(goes);
    this._marks = this._marks.filter((mark) => !dropped.includes(mark));
    return dropped;
  }

  /** Drop all marks. */
  clear() {
    this._marks = [];
  }
}

function covers(prompt, mark) {
  if (prompt.frame !== mark.frame || mark.crop) return false;
  const near = (a, b) => Math.abs(a - b) < NEAR;
  if (mark.box) return Boolean(prompt.box) && mark.box.every((side, i) => near(side, prompt.box[i]));
  const [[x, y]] = mark.points;
  return (prompt.points ?? []).some(([px, py]) => near(x, px) && near(y, py));
}

function isIn(row, { track, crop: { x, y, w, h, counts } }) {
  return !diffRows(row.filter(([other]) => other === track), [[track, x, y, w, h, counts, 1]]).length;
}
