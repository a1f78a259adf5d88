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
    this._answered = []; // clicks whose answer is not painted yet: {frame, moment}
  }

  /** A frame of a playing video was drawn. */
  drew(playing) {
    if (playing) this._drawn++;
  }

  /** Drawing masks took so many ms. */
  took(ms) {
    remember(this._times, ms);
  }

  /** The click on a frame at a moment (of performance.now()) is answered. */
  answered(frame, moment) {
    this._answered.push({ frame, moment });
  }

  /** The frame has been drawn with the rows there are; the screen gets it after this task. */
  painted(frame) {
    const now = this._answered.filter((click) => click.frame === frame);
    if (!now.length) return;
    this._answered = this._answered.filter((click) => click.frame !== frame);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      for (const { moment } of now) remember(this._clicks, performance.now() - moment);
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
