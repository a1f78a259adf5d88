/**
 * What the hand means on this stage: the ball hit, the dot shown at once, the stroke on the selected ball, the tool
 * at the keyboard's cross. Refuses to know what the server makes of it.
 */

import { Stroke } from "./brush.js";
import { paintBox, paintCross, paintCrop, paintRing } from "./marks.js";
import { encode } from "./rle.js";
import { Waiting } from "./waiting.js";
import { Hand, boxOf } from "./tools.js";
import { prepared } from "./painter.js";

/** The working hand of one stage. */
export class Touch {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this._stage = stage;
    this._waiting = new Waiting();
    this.hand = new Hand({
      point: (touch, positive, time) => this._point(touch.picture, positive, time),
      box: (box, time) => this._box(box, time),
      dragging: (box) => this._preview(box),
      strokeStart: (touch, erase) => this._strokeStart(touch.picture, erase),
      strokeTo: (touch) => this._strokeTo(touch.picture),
      strokeEnd: (touch) => this._strokeEnd(touch.time),
      cancel: () => this._drop(),
      select: ({ picture: [x, y] }) => stage.tell("select", { track: stage.hit(stage.frame, x, y) }),
      pan: (dx, dy) => this._pan(dx, dy),
    });
    this.reset();
  }

  /** Begin a new clip with empty hands. */
  reset() {
    this._hover = null;
    this._cross = null;
    this._anchor = null;
    this._turned = 0;
    this._waiting.clear();
    this._drop();
  }

  /** Take up a tool. */
  take(tool) {
    this.cancel();
    this.hand.tool = tool;
    this._redraw();
  }

  /** The tool in hand. */
  get tool() {
    return this.hand.tool;
  }

  /** Break off the drag, stroke or box that is under way; returns whether there was one. */
  cancel() {
    const had = this.hand.cancel() || this._anchor !== null;
    this._anchor = null;
    this._drop();
    return had;
  }

  /** Space goes down or up: with it, dragging pans. Whether the clip plays, the page decides at the same key. */
  space(down) {
    if (down && !this.hand.space) this._played = this._stage.player.playing;
    this.hand.space = down;
  }

  /**
   * The wheel turns by `notches`, up is positive, while Ctrl is held down: a brush in hand becomes larger or smaller.
   * Returns whether there is one; fingers on a pad turn it by little pieces, which add up.
   */
  resize(notches) {
    if (!this._brushes()) return false;
    this._turned += Math.max(-1, Math.min(1, notches));
    if (Math.abs(this._turned) >= 1) {
      this._stage.tell("brush", { way: Math.sign(this._turned) });
      this._turned = 0;
    }
    return true;
  }

  /** The pointer is over (x, y) of the picture; null: it has left. */
  hover(place) {
    this._hover = place;
    if (this._brushes() || this._anchor) this._redraw();
  }

  /** Put the keyboard's cross on a pixel [x, y]; null puts it away. */
  setCross(pixel) {
    this._cross = pixel && [pixel[0] + 0.5, pixel[1] + 0.5];
    if (!pixel) this._anchor = null;
    this._box0 = this._anchor && boxOf(this._anchor, this._cross);
    this._redraw();
  }

  /** Use the tool in hand at the keyboard's cross: click, corner of a box, or one dab. */
  useCross(positive = true) {
    if (!this._cross) return undefined;
    const time = performance.now();
    if (this._brushes()) return this._dab(positive, time);
    if (this.hand.tool !== "box") return this._point(this._cross, positive, time);
    if (!this._anchor) {
      this._anchor = this._cross;
      return undefined;
    }
    const box = boxOf(this._anchor, this._cross);
    this._anchor = null;
    return this._box(box, time);
  }

  /** Rows came, {frame: row}: strokes that they show are no longer ours to show. */
  answered(rows) {
    for (const mark of this._waiting.answered(rows)) this._stage.answered(mark);
  }

  /** The prompts in force are known: dots among them are no longer ours to show. */
  known(prompts) {
    for (const mark of this._waiting.known(prompts)) this._stage.answered(mark);
  }

  /** The dots shown before the server knows them. */
  waiting(frame) {
    return this._waiting.at(frame);
  }

  /** Take back what was shown at once: it did not come to be. */
  forgetDots() {
    this._waiting.clear();
    this._redraw();
  }

  /** The ball under the brush: the stroke shows it, the row does not. */
  get painting() {
    if (this._stroke) return this._strokeTrack;
    return this._waiting.stroke(this._stage.frame)?.track ?? null;
  }

  _pan(dx, dy) {
    const { player } = this._stage;
    if (this.hand.space && player.playing !== this._played) player.toggle(); // Space was meant for panning
    this._stage.view.panBy(dx, dy);
  }

  _ball() {
    const row = this._stage.rowAt(this._stage.frame) ?? [];
    return row.find(([track, , , w, h]) => track === this._stage.selected && w && h) ?? null;
  }

  _begun() {
    // A stroke that nobody has answered yet is where the next one goes on.
    const { frame, selected } = this._stage;
    const left = this._waiting.stroke(frame, selected);
    if (!left) return this._ball();
    const { x, y, w, h, counts } = left.crop;
    return [selected, x, y, w, h, counts, 1];
  }

  _inside([x, y]) {
    const [high, wide] = this._stage.size;
    return x >= 0 && y >= 0 && x < wide && y < high;
  }

  _point(place, positive, moment) {
    if (!this._inside(place)) return;
    const [x, y] = place;
    this._stage.player.pause();
    const { frame, selected } = this._stage;
    if (frame < 0) return;
    const hit = this._stage.hit(frame, x, y);
    const mark = { frame, track: selected, points: [[x, y, positive]], moment };
    this._propose(mark, "point", { frame, x, y, positive, hit });
    this._redraw();
  }

  _box(box, moment) {
    this._drop();
    const [high, wide] = this._stage.size;
    const [x0, y0, x1, y1] = box;
    const held = [Math.max(0, x0), Math.max(0, y0), Math.min(wide, x1), Math.min(high, y1)];
    if (held[2] - held[0] < 1 || held[3] - held[1] < 1) return;
    this._stage.player.pause();
    const { frame, selected } = this._stage;
    if (frame < 0) return;
    this._propose({ frame, track: selected, box: held, moment }, "box", { frame, box: held });
  }

  _propose(mark, type, detail) {
    this._waiting.add(mark);
    if (!this._stage.tell(type, detail)) this._waiting.remove(mark); // somebody takes it for something else
  }

  _preview(box) {
    this._stage.player.pause();
    this._box0 = box;
    this._redraw();
  }

  _strokeStart(place, erase) {
    const stage = this._stage;
    stage.player.pause();
    if (stage.selected === null) return this._refuse("Select a ball first: a stroke changes the selected ball's mask.");
    if (!stage.isFresh(stage.frame)) return this._refuse("The masks of this frame are still loading.");
    this._stroke = new Stroke(this._begun(), { size: stage.size, radius: stage.display.brush, erase });
    [this._strokeTrack, this._strokeFrame] = [stage.selected, stage.frame];
    this._strokeTo(place);
    return true;
  }

  _refuse(why) {
    this._stage.tell("refused", { why });
    return false;
  }

  _strokeTo([x, y]) {
    this._stroke.to(x, y);
    this._stage.redraw();
  }

  _strokeEnd(moment) {
    const [stroke, frame, track] = [this._stroke, this._strokeFrame, this._strokeTrack];
    this._stroke = null;
    const crop = stroke.crop();
    const mark = { frame, track, crop: { ...crop, counts: encode(crop.pixels, crop.w, crop.h) }, moment };
    this._propose(mark, "stroke", { frame, track, mask: stroke.rle() });
    this._redraw();
  }

  _dab(positive, time) {
    if (!this._strokeStart(this._cross, (this.hand.tool === "eraser") === positive)) return;
    this._strokeEnd(time);
  }

  _drop() {
    this._stroke = null;
    this._box0 = null;
    this._redraw();
  }

  _brushes() {
    return this.hand.tool === "brush" || this.hand.tool === "eraser";
  }

  _redraw() {
    this._stage.redraw();
  }

  /** Draw what the hand is doing. */
  paint(canvas, view, dpr) {
    const { frame, display } = this._stage;
    const left = this._waiting.stroke(frame);
    const busy = Boolean(this._stroke || left || this._box0 || this._cross || (this._hover && this._brushes()));
    if (!busy && !this._marked) return; // nothing to draw, nothing to wipe
    this._marked = busy;
    const pen = prepared(canvas, view, dpr);
    const line = 1 / view.scale;
    const crop = this._stroke ? this._stroke.crop() : left?.crop;
    if (crop) paintCrop(pen, crop, this._stage.colorOf(this.painting), line);
    if (this._box0) paintBox(pen, this._box0, line);
    if (this._hover && this._brushes()) paintRing(pen, this._hover, display.brush, line, this.hand.tool === "eraser");
    if (this._cross) paintCross(pen, this._cross, line);
    if (this._cross && this._brushes()) paintRing(pen, this._cross, display.brush, line);
  }
}
