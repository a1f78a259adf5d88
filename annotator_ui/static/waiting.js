/** Clicks that are shown before the server has answered; refuses to know whether it will. */

const NEAR = 0.51; // picture pixels: a server may round places

/** The marks of one clip that nobody has confirmed yet. */
export class Waiting {
  constructor() {
    this._marks = [];
  }

  /** Show a mark {frame, track, points, box}. */
  add(mark) {
    this._marks.push({ points: [], box: null, ...mark, waiting: true });
  }

  /** The marks of a frame. */
  at(frame) {
    return this._marks.filter((mark) => mark.frame === frame);
  }

  /** Drop the marks that are among the prompts in force; all of them where none is: then they were refused. */
  known(prompts) {
    const left = this._marks.filter((mark) => !prompts.some((prompt) => covers(prompt, mark)));
    this._marks = left.length < this._marks.length ? left : [];
  }

  /** Drop all marks. */
  clear() {
    this._marks = [];
  }
}

function covers(prompt, mark) {
  if (prompt.frame !== mark.frame) return false;
  const near = (a, b) => Math.abs(a - b) < NEAR;
  if (mark.box) return Boolean(prompt.box) && mark.box.every((side, i) => near(side, prompt.box[i]));
  const [[x, y]] = mark.points;
  return (prompt.points ?? []).some(([px, py]) => near(x, px) && near(y, py));
}
