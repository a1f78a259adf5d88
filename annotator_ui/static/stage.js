/**
 * The stage: one clip's picture with its masks, and the hand that works on it. It composes the modules beside it and
 * refuses to know the server: rows and pictures come through functions it is given, deeds leave it as events.
 *
 * Events, each with a detail: "frame" {frame, playing}; "playing" {frame, playing}; "ready"; "end";
 * "point" {frame, x, y, positive, hit} (preventDefault(): no dot is shown at once); "box" {frame, box};
 * "stroke" {frame, track, mask: {size, counts}}; "select" {track} (Shift+click); "zoom" {scale};
 * "refused" {why}: a stroke that cannot begin; "error" {error}: rows that could not be loaded.
 */

import { diffRows } from "./diff.js";
import { trackAt } from "./hit.js";
import { layers } from "./layers.js";
import { Masks } from "./masks.js";
import { Painter, paintPicture } from "./painter.js";
import { Player } from "./player.js";
import { Stopwatch } from "./stopwatch.js";
import { bindHand } from "./tools.js";
import { Touch } from "./touch.js";
import { centred, fitted, panned, resized, toPicture, zoomed } from "./view.js";

const REACH = 6; // CSS pixels: so far beside a ball a click still means it

/** See `createStage`. */
export class Stage extends EventTarget {
  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this._layers = layers(root);
    this._painter = new Painter();
    this._watch = new Stopwatch();
    this._display = { masks: "fill", only: false, brightness: 1, labels: true, brush: 8 };
    this._clip = null;
    this._forgetClip();
    this.player = new Player(this._layers.video);
    this.view = this._viewControls();
    this.hand = new Touch(this);
    this._listen(root);
  }

  _forgetClip() {
    this._masks?.close();
    this._masks = null;
    this._view = null;
    this._diff = null;
    this._prompts = [];
    this.selected = null;
    this._painter.clear();
  }

  _listen(root) {
    this.player.addEventListener("frame", ({ detail }) => this._onFrame(detail));
    for (const type of ["playing", "ready", "end"]) {
      this.player.addEventListener(type, ({ detail }) => this._tell(type, detail));
    }
    this.player.addEventListener("playing", () => this._describe());
    bindHand(root, this.hand.hand, {
      toPicture: (place) => (this._view ? toPicture(this._view, place) : [0, 0]),
      zoomAt: this.view.zoomAt,
      panBy: this.view.panBy,
      hover: ({ picture }) => this.hand.hover(picture),
      leave: () => this.hand.hover(null),
    });
    new ResizeObserver(() => this._resize()).observe(root);
  }

  /**
   * Show a clip.
   * @param {{frames: number, rate: [number, number], width: number, height: number, videoUrl: ?string,
   *   posterUrl: function(number): string, loadRows: function(number, number): Promise<Array>}} clip
   */
  open(clip) {
    this._forgetClip();
    this._clip = clip;
    this._view = fitted(clip, this._layers.size());
    this._masks = new Masks({ frames: clip.frames, load: clip.loadRows });
    this._masks.addEventListener("rows", ({ detail }) => {
      if (this.frame >= detail.start && this.frame < detail.stop) this.redraw();
    });
    this._masks.addEventListener("error", ({ detail }) => this._tell("error", detail));
    this._masks.want(0);
    this.hand.reset();
    this._watch.reset();
    this.player.open(clip);
    this.redraw();
  }

  /** Leave the clip; the stage is empty. */
  close() {
    this._forgetClip();
    this._clip = null;
    this.player.close();
    this._layers.clear();
  }

  /** Show the clip from its video, now that there is one. */
  setVideo(url) {
    this.player.setVideo(url);
  }

  /** Take names and colours: [{id, label, color}]. */
  setTracks(tracks) {
    this._tracks = new Map(tracks.map((track) => [track.id, track]));
    this._painter.setTracks(tracks);
    this.redraw();
  }

  /** Choose the ball that strokes and clicks are for; null: none. */
  select(track) {
    this.selected = track;
    this._describe();
    this.redraw();
  }

  /** Ask anew for the rows of ranges of frames; null: for all. */
  refresh(changed = null) {
    this._masks?.forget(changed);
    this.redraw();
  }

  /** Show newer rows, {frame: row}. */
  putRows(rows) {
    if (!this._masks) return;
    this._masks.put(rows);
    this.hand.answered(rows);
    this._watch.answered(Object.keys(rows).map(Number));
    if (rows[this.frame]) this.redraw();
  }

  /** Show the prompts in force: [{frame, track, points: [[x, y, positive]], box, painted}]. */
  setPrompts(prompts) {
    this._prompts = prompts;
    this.hand.known(prompts);
    this.redraw();
  }

  /** Take up "point", "box", "brush" or "eraser". */
  setTool(tool) {
    this.hand.take(tool);
  }

  /** Change how things look: {masks: "fill"|"outline"|"off", only, brightness, labels, brush}, any of them. */
  setDisplay(display) {
    this._display = { ...this._display, ...display };
    this._layers.brighten(this._display.brightness);
    this.redraw();
  }

  /** Show what would change, {frame: {before, after}}; null: no more. */
  showDiff(frames) {
    this._diff = frames && new Map(Object.entries(frames).map(([frame, { before, after }]) => [Number(frame), diffRows(before, after)]));
    this.redraw();
  }

  /** The frame on the screen; -1 before the first. */
  get frame() {
    return this.player.frame;
  }

  /** The clip's size as [height, width]. */
  get size() {
    return [this._clip.height, this._clip.width];
  }

  /** A track's colour, "#rrggbb". */
  colorOf(track) {
    return this._painter.colorOf(track);
  }

  /** How things look. */
  get display() {
    return this._display;
  }

  /** The row of a frame; undefined while it is not known. */
  rowAt(frame) {
    return this._masks?.at(frame);
  }

  /** Whether the row of a frame is the newest. */
  isFresh(frame) {
    return Boolean(this._masks?.fresh(frame));
  }

  /** The track at a place in a frame's picture, or null. */
  hit(frame, x, y) {
    const reach = this._view ? REACH / this._view.scale : 0;
    return trackAt(this.rowAt(frame) ?? [], x, y, { selected: this.selected, reach });
  }

  /** Figures for tests and measurements: {presented, drawn, dropped, drawMs, clickToPaint}, times in ms. */
  stats() {
    return this._watch.stats(this.player.presented);
  }

  /** Say something to whoever listens; returns false when a listener said no. */
  tell(type, detail) {
    return this._tell(type, detail);
  }

  /** A deed was begun at this moment: from here to its answer's paint is measured. */
  clicked(frame, time) {
    this._watch.clicked(frame, time);
  }

  /** Draw what lies over the picture at the next chance; several asks are one. */
  redraw() {
    if (this._due) return;
    this._due = true;
    requestAnimationFrame(() => {
      if (this._due) this._draw();
    });
  }

  _onFrame({ frame, playing }) {
    this._masks.want(frame);
    this._paintPicture();
    this._draw(); // in the same task: picture and masks reach the screen together
    this._watch.drew(playing);
    if (!playing) this._describe();
    this._tell("frame", { frame, playing });
  }

  _paintPicture() {
    if (this._view) paintPicture(this._layers.picture, this.player.picture, this._view, this._dpr());
  }

  _draw() {
    this._due = false;
    if (!this._view) return;
    const began = performance.now();
    this._painter.paint(this._layers.masks, this._scene());
    this._watch.took(performance.now() - began);
    this._watch.painted(this.frame);
    this.hand.paint(this._layers.hand, this._view, this._dpr());
  }

  _scene() {
    const { frame, selected } = this;
    const marked = this._prompts
      .filter((prompt) => prompt.frame === frame)
      .concat(this.hand.waiting(frame))
      .map((prompt) => ({ points: [], ...prompt, chosen: selected === null || prompt.track === selected }));
    return {
      row: this._diff ? undefined : this.rowAt(frame),
      view: this._view,
      dpr: this._dpr(),
      selected,
      display: this._display,
      prompts: marked,
      diff: this._diff?.get(frame),
      hidden: this.hand.painting,
    };
  }

  _viewControls() {
    const change = (how) => (...args) => {
      if (!this._view) return;
      this._show(how(this._view, ...args));
    };
    return {
      zoomAt: change(zoomed),
      panBy: change(panned),
      centerOn: change(centred),
      fit: change((view) => fitted(view.picture, view.screen)),
    };
  }

  _show(view) {
    this._view = view;
    this._paintPicture();
    this._draw();
    this._tell("zoom", { scale: view.scale });
  }

  _resize() {
    const size = this._layers.size();
    if (this._view && size.width && size.height) this._show(resized(this._view, size));
  }

  _dpr() {
    return globalThis.devicePixelRatio || 1;
  }

  _describe() {
    if (!this._clip) return;
    const label = this._tracks?.get(this.selected)?.label ?? "";
    const ball = this.selected === null ? "no ball selected" : `ball ${this.selected} ${label} selected`;
    this._layers.describe(`Frame ${this.frame} of ${this._clip.frames}, ${ball.replace("  ", " ")}`);
  }

  _tell(type, detail) {
    return this.dispatchEvent(new CustomEvent(type, { detail, cancelable: true }));
  }
}

/**
 * Make a stage in an element.
 * @param {HTMLElement} root
 * @returns {Stage}
 */
export function createStage(root) {
  return new Stage(root);
}
