/** How long things took on the stage and how many pictures it missed; refuses to judge. */

const KEPT = 500; // times remembered of each sort

/** Counts and times of one clip. */
export class Stopwatch {
  constructor() {
    this.reset();
  }

  /** Begin anew. */
  reset() {
    this._drawn = 0;
    this._times = [];
    this._clicks = [];
    this._due = new Map(); // frame -> moment of the click waited for
    this._answered = new Map(); // frame -> moment of the click whose answer is not painted yet
  }

  /** A frame of a playing video was drawn. */
  drew(playing) {
    if (playing) this._drawn++;
  }

  /** Drawing masks took so many ms. */
  took(ms) {
    remember(this._times, ms);
  }

  /** A click was made at a moment (of performance.now()). */
  clicked(frame, moment) {
    this._due.set(frame, moment);
  }

  /** Rows of these frames came. */
  answered(frames) {
    for (const frame of frames) {
      if (!this._due.has(frame)) continue;
      this._answered.set(frame, this._due.get(frame));
      this._due.delete(frame);
    }
  }

  /** The frame has been drawn with the rows there are; the screen gets it after this task. */
  painted(frame) {
    const moment = this._answered.get(frame);
    if (moment === undefined) return;
    this._answered.delete(frame);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      remember(this._clicks, performance.now() - moment);
    };
    port2.postMessage(0);
  }

  /** The figures, given how many pictures the video has presented in playing. */
  stats(presented) {
    const dropped = Math.max(0, presented - this._drawn);
    return { presented, drawn: this._drawn, dropped, drawMs: [...this._times], clickToPaint: [...this._clicks] };
  }
}

function remember(list, value) {
  list.push(value);
  if (list.length > KEPT) list.shift();
}
