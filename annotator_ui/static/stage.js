/**
 * The stage: one clip's picture with its masks, and the hand that works on it. It composes the modules beside it and
 * refuses to know the server: rows and pictures come through functions it is given, deeds leave it as events.
 *
 * Events, each with a detail: "frame" {frame, playing} for every picture, and when playing begins or ends; "ready"; "end";
 * "point" {frame, x, y, positive, hit} (preventDefault(): no dot is shown at once); "box" {frame, box};
 * "stroke" {frame, track, mask: {size, counts}}; "select" {track} (Shift+click); "zoom" {scale};
 * "brush" {way}: it shall be larger or smaller; "refused" {why}: a stroke that cannot begin; "error" {error}: rows that could not be loaded.
 */

import { diffRows } from "./diff.js";
import { trackAt } from "./hit.js";
import { layers } from "./layers.js";
import { Lens } from "./lens.js";
import { Masks } from "./masks.js";
import { Painter, paintPicture } from "./painter.js";
import { Player } from "./player.js";
import { Stopwatch } from "./stopwatch.js";
import { bindHand } from "./tools.js";
import { Touch } from "./touch.js";

const REACH = 6; // CSS pixels: so far beside a ball a click still means it

/** See `createStage`. */
export class Stage extends EventTarget {
  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this._layers = layers(root);
    this._painter = new Painter();
    this._watch = new Stopwatch();
    this._display = { masks: "outline", only: false, brightness: 1, labels: true, brush: 4 };
    this._clip = null;
    this.view = new Lens((view) => this._shift(view));
    this._forgetClip();
    this.player = new Player(this._layers.video);
    this.hand = new Touch(this);
    this._listen(root);
  }

  _forgetClip() {
    this._masks?.close();
    this._masks = null;
    this.view.close();
    this._diff = null;
    this._prompts = [];
    this.selected = null;
    this._painter.clear();
  }

  _listen(root) {
    this.player.addEventListener("frame", ({ detail }) => this._onFrame(detail));
    this.player.addEventListener("playing", ({ detail }) => this.tell("frame", detail)); // playing began or ended
    for (const type of ["ready", "end"]) {
      this.player.addEventListener(type, ({ detail }) => this.tell(type, detail));
    }
    this.player.addEventListener("playing", () => this._describe());
    bindHand(root, this.hand.hand, {
      toPicture: (place) => this.view.toPicture(place),
      zoomAt: (factor, x, y) => this.view.zoomAt(factor, x, y),
      panBy: (dx, dy) => this.view.panBy(dx, dy),
      hover: ({ picture }) => this.hand.hover(picture),
      leave: () => this.hand.hover(null),
      resize: (notches) => this.hand.resize(notches),
    });
    new ResizeObserver(() => this.view.resize(this._layers.size())).observe(root);
    for (const type of ["keydown", "keyup"]) {
      root.ownerDocument.addEventListener(type, (event) => this._space(event), { capture: true });
    }
  }

  _space({ type, key }) {
    if (key === " ") this.hand.space(type === "keydown");
  }

  /**
   * Show a clip.
   * @param {{frames: number, rate: [number, number], width: number, height: number, videoUrl: ?string,
   *   posterUrl: function(number): string, loadRows: function(number, number): Promise<Array>}} clip
   */
  open(clip) {
    this._forgetClip();
    this._clip = clip;
    this.view.open(clip, this._layers.size());
    this._masks = new Masks({ frames: clip.frames, load: clip.loadRows });
    this._masks.addEventListener("rows", ({ detail }) => {
      if (this.frame >= detail.start && this.frame < detail.stop) this.redraw();
    });
    this._masks.addEventListener("error", ({ detail }) => this.tell("error", detail));
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
    if (rows[this.frame]) this.redraw();
  }

  /**
   * Show the prompts in force: [{frame, track, points: [[x, y, positive]], box, painted}]. Dots, boxes and strokes that
   * were shown at once stay until they are among them; giving the same list again says that they were refused.
   */
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
    return trackAt(this.rowAt(frame) ?? [], x, y, { selected: this.selected, reach: REACH * this.view.line });
  }

  /** Figures for tests and measurements: {presented, drawn, dropped, drawMs, clickToPaint}, times in ms. */
  stats() {
    return this._watch.stats(this.player.presented);
  }

  /** Say something to whoever listens; returns false when a listener said no. */
  tell(type, detail) {
    return this.dispatchEvent(new CustomEvent(type, { detail, cancelable: true }));
  }

  /** What was done on a frame at this moment is answered: until its paint is measured. */
  answered({ frame, moment }) {
    this._watch.answered(frame, moment);
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
    this.tell("frame", { frame, playing });
  }

  _paintPicture() {
    const { now } = this.view;
    if (now) paintPicture(this._layers.picture, this.player.picture, now, this._dpr());
  }

  _draw() {
    this._due = false;
    if (!this.view.now) return;
    const began = performance.now();
    this._painter.paint(this._layers.masks, this._scene());
    this._watch.took(performance.now() - began);
    if (this.isFresh(this.frame)) this._watch.painted(this.frame);
    this.hand.paint(this._layers.hand, this.view.now, this._dpr());
  }

  _scene() {
    const { frame, selected } = this;
    const marked = this._prompts
      .filter((prompt) => prompt.frame === frame)
      .concat(this.hand.waiting(frame))
      .map((prompt) => ({ points: [], ...prompt, chosen: prompt.waiting || selected === null || prompt.track === selected }));
    return {
      row: this._diff ? undefined : this.rowAt(frame),
      view: this.view.now,
      dpr: this._dpr(),
      selected,
      display: this._display,
      prompts: marked,
      diff: this._diff?.get(frame),
      hidden: this.hand.painting,
    };
  }

  _shift(view) {
    this._paintPicture();
    this._draw();
    this.tell("zoom", { scale: view.scale });
  }

  _dpr() {
    return globalThis.devicePixelRatio || 1;
  }

  _describe() {
    if (!this._clip) return;
    const label = this._tracks?.get(this.selected)?.label ?? "";
    const ball = this.selected === null ? "no ball selected" : `ball #${this.selected} ${label} selected`;
    this._layers.describe(`Frame ${this.frame} of ${this._clip.frames}, ${ball.replace("  ", " ")}`);
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
