/**
 * The rows of a clip: which masks every frame holds, loaded in chunks around the playhead, forgotten where they changed.
 * Refuses to know how they are painted, and which revision it is: `load` asks for the newest.
 *
 * A row is a list of [track, x, y, w, h, counts, score]; a row that came later is never overwritten by an answer that
 * was asked for before.
 */

/** Frames asked for at once. */
export const CHUNK = 60;
const AT_ONCE = 2; // requests under way
const KEPT = 40; // chunks: enough for a clip of 80 seconds, and memory stays bounded in longer ones
const RETRY = [300, 1000, 3000]; // ms after a failure

/** The masks of one clip. Events: "rows" {start, stop} when rows came, "error" {error} when asking failed for good. */
export class Masks extends EventTarget {
  /**
   * @param {{frames: number, load: function(number, number): Promise<Array>, retry?: number[]}} clip
   */
  constructor({ frames, load, retry = RETRY }) {
    super();
    this._frames = frames;
    this._load = load;
    this._retry = retry;
    this._rows = new Map(); // frame -> row
    this._since = new Map(); // frame -> the moment its row was made or forgotten
    this._stale = new Set(); // frames whose row is shown until the new one comes
    this._moment = 0;
    this._asked = new Map(); // chunk -> moment of the ask under way
    this._failures = new Map(); // chunk -> failures in a row
    this._head = 0;
    this._closed = false;
  }

  /** Return the row of a frame, the old one while a new one is on its way; undefined where none is known. */
  at(frame) {
    return this._rows.get(frame);
  }

  /** Say whether the row of a frame is known and the newest. */
  fresh(frame) {
    return this._rows.has(frame) && !this._stale.has(frame);
  }

  /** Load what is missing around a frame: its chunk, then what comes next, then the one before. */
  want(frame) {
    this._head = frame;
    const here = Math.floor(frame / CHUNK);
    for (const chunk of [here, here + 1, here + 2, here - 1]) {
      if (this._asked.size >= AT_ONCE) return;
      if (this._lacks(chunk)) this._ask(chunk);
    }
  }

  /** Put newer rows, {frame: row}. */
  put(rows) {
    this._moment++;
    for (const [frame, row] of Object.entries(rows)) this._set(Number(frame), row);
  }

  /** Forget the rows of half-open ranges; null forgets all. They are shown until the new ones come. */
  forget(ranges = null) {
    this._moment++;
    for (const [start, stop] of ranges ?? [[0, this._frames]]) {
      for (let frame = start; frame < stop; frame++) {
        this._since.set(frame, this._moment);
        if (this._rows.has(frame)) this._stale.add(frame);
      }
    }
    this._failures.clear();
    this.want(this._head);
  }

  /** Let no answer in any more. */
  close() {
    this._closed = true;
  }

  _lacks(chunk) {
    const [start, stop] = this._span(chunk);
    if (this._asked.has(chunk) || (this._failures.get(chunk) ?? 0) > this._retry.length) return false;
    for (let frame = start; frame < stop; frame++) if (!this.fresh(frame)) return true;
    return false;
  }

  _span(chunk) {
    return [Math.max(0, chunk * CHUNK), Math.min(this._frames, (chunk + 1) * CHUNK)];
  }

  async _ask(chunk) {
    const [start, stop] = this._span(chunk);
    const moment = this._moment;
    this._asked.set(chunk, moment);
    try {
      const rows = await this._load(start, stop);
      if (this._closed) return;
      if (rows.length !== stop - start) throw new RangeError(`got ${rows.length} rows of frames ${start}:${stop}`);
      this._take(start, rows, moment);
      this._failures.delete(chunk);
      this._asked.delete(chunk);
      this.dispatchEvent(new CustomEvent("rows", { detail: { start, stop } }));
    } catch (error) {
      if (this._closed) return;
      await this._failed(chunk, error);
    }
    this.want(this._head);
  }

  async _failed(chunk, error) {
    const failures = this._failures.get(chunk) ?? 0;
    this._failures.set(chunk, failures + 1);
    if (failures < this._retry.length) {
      await new Promise((later) => setTimeout(later, this._retry[failures]));
    } else {
      this.dispatchEvent(new CustomEvent("error", { detail: { error } }));
    }
    this._asked.delete(chunk);
  }

  _take(start, rows, moment) {
    rows.forEach((row, i) => {
      if ((this._since.get(start + i) ?? -1) <= moment) this._set(start + i, row, moment);
    });
    this._evict();
  }

  _set(frame, row, moment = this._moment) {
    this._rows.set(frame, row);
    this._since.set(frame, moment);
    this._stale.delete(frame);
  }

  _evict() {
    if (this._rows.size <= KEPT * CHUNK) return;
    const here = Math.floor(this._head / CHUNK);
    const chunks = [...new Set([...this._rows.keys()].map((frame) => Math.floor(frame / CHUNK)))];
    chunks.sort((a, b) => Math.abs(b - here) - Math.abs(a - here));
    for (const chunk of chunks.slice(0, chunks.length - KEPT)) {
      const [start, stop] = this._span(chunk);
      for (let frame = start; frame < stop; frame++) this._rows.delete(frame);
    }
  }
}
