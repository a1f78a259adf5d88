/**
 * Which frame is on the screen: seeks, steps and plays a video frame by frame; refuses to know what is drawn over it.
 *
 * The player owns the picture it announces. A picture taken from the video carries its own time, so that the number
 * announced is the number of that very picture, whatever the video element has meanwhile gone on to.
 */

import { frameAt, timeOf } from "./clock.js";
import { grab, posters } from "./pictures.js";

const PATIENCE = 120; // ms: how long after "seeked" the browser may take to present the frame by itself
const AGAIN = [3000, 10_000, 30_000, 60_000]; // ms until a video that failed is tried again, for instance a server that ended

/** Plays one clip. Events: "frame" {frame, playing} after a new picture, "playing", "end". */
export class Player extends EventTarget {
  /** @param {HTMLVideoElement} video */
  constructor(video) {
    super();
    this._video = video;
    this._speed = 1;
    this._clip = null;
    this._picture = null;
    this._reset();
    video.addEventListener("seeked", () => this._afterSeek());
    video.addEventListener("loadeddata", () => this._afterSeek());
    video.addEventListener("ended", () => this._atEnd());
    video.addEventListener("error", () => this._failed());
  }

  _reset() {
    this.frame = -1;
    this.playing = false;
    this.presented = 0;
    this._target = 0;
    this._seeking = false;
    this._failures = 0;
    this._loop = null;
    this._ready = false;
  }

  /**
   * Begin a clip at frame 0, shown from single pictures until it has a video.
   * @param {{frames: number, rate: [number, number], videoUrl: ?string, posterUrl: function(number): string}} clip
   */
  open(clip) {
    this.close();
    this._reset();
    this._clip = clip;
    this._posters = posters(clip.posterUrl);
    this.seek(0);
    if (clip.videoUrl) this.setVideo(clip.videoUrl);
  }

  /** Show the clip from this video from now on. */
  setVideo(url) {
    clearTimeout(this._retry);
    this._ready = false;
    this._seeking = false;
    this._video.src = url;
    this._video.load();
  }

  /** Let go of the clip. */
  close() {
    clearTimeout(this._timer);
    clearTimeout(this._retry);
    this._video.pause();
    this._video.removeAttribute("src");
    this._posters?.close();
    this._picture?.close();
    this._picture = null;
    this._clip = null;
  }

  /** The picture of `frame`: {frame, source to draw, width, height}; null before the first. */
  get picture() {
    return this._picture;
  }

  /** Whether frames come from a video, so that playing is smooth. */
  get ready() {
    return this._ready;
  }

  /** The frame asked for last: where `frame` is going. */
  get target() {
    return this.playing ? this.frame : this._target;
  }

  /** Go to a frame. The old picture stays until the new one is there. */
  seek(frame) {
    if (!this._clip) return;
    this._target = Math.max(0, Math.min(this._clip.frames - 1, Math.round(frame)));
    if (this._ready) this._chase();
    else this._posters.show(this._target, (picture) => this._ready || this._take(picture));
  }

  /** Go `by` frames on; stops playing. */
  step(by) {
    const from = this.playing ? this.frame : this._target;
    this.pause();
    this.seek(from + by);
  }

  /** Play from where we are; from the start when at the end. */
  play() {
    if (!this._clip || this.playing) return;
    const [start, stop] = this._range();
    if (this._target >= stop - 1 || this._target < start) this.seek(start);
    this.playing = true;
    this._announce("playing");
    if (this._ready) this._start();
    else this._playPosters();
  }

  /** Stop at the picture that is shown. */
  pause() {
    if (!this.playing) return;
    this.playing = false;
    clearTimeout(this._timer);
    this._video.pause();
    this._announce("playing");
    this.seek(Math.max(0, this.frame)); // the video may have run on; bring it back to what is shown
  }

  /** Play or pause. */
  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Play at half, whole or double speed. */
  setSpeed(speed) {
    this._speed = speed;
    this._video.playbackRate = speed;
  }

  /** Play only these frames, again and again; null: the clip, once. */
  setLoop(range) {
    this._loop = range;
  }

  _range() {
    return this._loop ?? [0, this._clip.frames];
  }

  _start() {
    const video = this._video;
    video.playbackRate = this._speed;
    this._lastPresented = null; // what was presented in pauses is no part of playing
    const here = frameAt(video.currentTime, this._clip.rate);
    if (!this._seeking && here !== this._target) this._chase();
    video.play().catch(() => this.pause()); // a browser may refuse, for instance without a gesture
    this._listen();
  }

  _listen() {
    if (this._listening) return;
    this._listening = true;
    this._video.requestVideoFrameCallback((_, met) => {
      this._listening = false;
      this._presented(met);
    });
  }

  _presented(met) {
    if (!this._clip || !this._ready) return;
    const picture = grab(this._video, met.mediaTime, this._clip.rate);
    if (this.playing) this._played(picture, met);
    else this._arrived(picture);
  }

  _played(picture, met) {
    const [start, stop] = this._range();
    const before = this._lastPresented ?? met.presentedFrames - 1;
    this._lastPresented = met.presentedFrames;
    this._listen();
    if (this._video.seeking) return picture.close(); // not where we are going
    if (picture.frame >= stop || picture.frame < start) {
      picture.close(); // a loop never shows what lies outside
      if (!this._seeking) this._jump(start);
      return;
    }
    this.presented += met.presentedFrames - before;
    this._seeking = false;
    this._target = picture.frame;
    this._take(picture);
    if (this._loop && picture.frame === stop - 1) this._jump(start);
  }

  _jump(frame) {
    this._target = frame;
    this._chase();
  }

  _chase() {
    if (this._seeking && !this.playing) return; // one at a time: where it lands, the next begins
    if (!this.playing && this._picture?.exact && this.frame === this._target && this._settled()) return;
    this._seeking = true;
    this._video.currentTime = timeOf(this._target, this._clip.rate);
    this._listen();
  }

  _settled() {
    return frameAt(this._video.currentTime, this._clip.rate) === this._target;
  }

  _afterSeek() {
    if (!this._clip || !this._video.src) return;
    const first = !this._ready;
    this._ready = true;
    this._failures = 0;
    if (first) this._announce("ready");
    if (first && (this.playing || this._target !== 0)) return this.playing ? this._start() : this._chase();
    if (this.playing) return this._revive();
    clearTimeout(this._timer); // nothing is presented where the frame does not change: then look for ourselves
    this._timer = setTimeout(() => this._look(), first ? 0 : PATIENCE);
    this._listen();
  }

  _revive() {
    this._seeking = false;
    if (this._video.paused || this._video.ended) this._video.play().catch(() => this.pause());
    this._listen();
  }

  _look() {
    if (this.playing || !this._clip || this._video.seeking || this._video.readyState < 2) return;
    this._arrived(grab(this._video, this._video.currentTime, this._clip.rate));
  }

  _arrived(picture) {
    if (picture.frame !== this._target && this._video.seeking) return picture.close();
    clearTimeout(this._timer);
    this._seeking = false;
    const missed = picture.frame !== this._target && !this._settled();
    this._take(picture);
    if (missed) this._chase();
  }

  _take(picture) {
    if (!this._clip) return picture.close();
    this._picture?.close();
    this._picture = picture;
    this.frame = picture.frame;
    this._announce("frame");
  }

  _atEnd() {
    if (!this.playing) return;
    if (this._loop) this._jump(this._loop[0]);
    else {
      this.pause();
      this._announce("end");
    }
  }

  _failed() {
    if (!this._clip || !this._video.src) return;
    this._ready = false;
    this._seeking = false;
    const { src } = this._video;
    this._retry = setTimeout(() => this.setVideo(src), AGAIN[Math.min(this._failures++, AGAIN.length - 1)]);
    if (this.playing) this._playPosters();
    else this.seek(this._target); // single pictures, until then
  }

  _playPosters() {
    const began = performance.now();
    const from = this._target;
    const [n, d] = this._clip.rate;
    const next = () => {
      if (!this.playing || this._ready) return;
      const [start, stop] = this._range();
      const due = from + Math.floor(((performance.now() - began) / 1000) * this._speed * (n / d));
      if (due >= stop && !this._loop) return this._atEnd();
      this._target = start + ((due - start) % (stop - start));
      this._posters.show(this._target, (picture) => {
        if (!this.playing || this._ready) return;
        this._take(picture);
        this._timer = setTimeout(next, 4);
      });
    };
    next();
  }

  _announce(type) {
    this.dispatchEvent(new CustomEvent(type, { detail: { frame: this.frame, playing: this.playing } }));
  }
}
