/** A video, its frames and single pictures without a browser: the tests say when a frame is presented. */

/** What a browser's `new VideoFrame(video)` does: keeps the frame that is shown at that moment. */
export class FakeVideoFrame {
  constructor(video) {
    this.timestamp = Math.floor((video.presented * 1e6 * video.rate[1]) / video.rate[0]);
    video.open += 1;
    this.close = () => { video.open -= 1; };
  }
}

/** A video element whose seeks land when `land` is called, and that plays a frame when `advance` is. */
export class FakeVideo extends EventTarget {
  constructor(rate) {
    super();
    Object.assign(this, { rate, presented: 0, open: 0, count: 0, paused: true, ended: false, seeking: false, readyState: 4, src: "", playbackRate: 1 });
    this.seeks = [];
    this._at = 0;
    this._waiting = [];
  }

  get currentTime() {
    return this._at;
  }

  set currentTime(time) {
    this._at = time;
    this.seeking = true;
    this.ended = false;
    this.seeks.push(this._frame());
  }

  _frame() {
    return Math.floor((this._at * this.rate[0]) / this.rate[1] + 1e-3);
  }

  load() {}

  removeAttribute() {
    this.src = "";
  }

  play() {
    this.paused = false;
    return Promise.resolve();
  }

  pause() {
    this.paused = true;
  }

  requestVideoFrameCallback(done) {
    this._waiting.push(done);
  }

  /** The first frame is there. */
  loaded() {
    this.dispatchEvent(new Event("loadeddata"));
  }

  /** The seek under way ends and its frame is presented. */
  land() {
    this.seeking = false;
    this.dispatchEvent(new Event("seeked"));
    this.present(this._frame());
  }

  /** Playing goes on by some frames. */
  advance(by = 1) {
    this._at += (by * this.rate[1]) / this.rate[0];
    this.present(this._frame());
  }

  /** A frame comes to the screen. */
  present(frame) {
    this.presented = frame;
    this.count += 1;
    const waiting = this._waiting.splice(0);
    for (const done of waiting) done(0, { mediaTime: (frame * this.rate[1]) / this.rate[0], presentedFrames: this.count });
  }
}

/** Put what browsers have and node has not into place; pictures load at once, but those whose address is in `missing`. */
export function withoutBrowser(missing = new Set()) {
  globalThis.VideoFrame = FakeVideoFrame;
  globalThis.Image = class {
    constructor() {
      Object.assign(this, { naturalWidth: 64, naturalHeight: 36 });
    }

    decode() {
      return missing.has(this.src) ? Promise.reject(new Error("no picture")) : Promise.resolve();
    }
  };
}
