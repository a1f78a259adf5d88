/** The view a stage has at the moment, and how it is moved; refuses to know what is drawn through it. */

import { centred, fitted, panned, resized, toPicture, zoomed } from "./view.js";

/** One stage's view. */
export class Lens {
  /** @param {function(object): void} changed called with every new view */
  constructor(changed) {
    this._changed = changed;
    this.now = null;
  }

  /** Begin with the whole picture on a stage of this size. */
  open({ width, height }, screen) {
    this.now = fitted({ width, height }, screen);
  }

  /** There is nothing to look at any more. */
  close() {
    this.now = null;
  }

  /** A CSS pixel in picture pixels. */
  get line() {
    return this.now ? 1 / this.now.scale : 1;
  }

  /** The place in the picture of a place on the stage, both [x, y]. */
  toPicture(place) {
    return this.now ? toPicture(this.now, place) : [0, 0];
  }

  /** Zoom by a factor; the picture stays where it is under (x, y) of the stage, or in the middle. */
  zoomAt(factor, x, y) {
    this._show((view) => zoomed(view, factor, x, y));
  }

  /** Move the picture by CSS pixels. */
  panBy(dx, dy) {
    this._show((view) => panned(view, dx, dy));
  }

  /** Show the whole picture. */
  fit() {
    this._show((view) => fitted(view.picture, view.screen));
  }

  /** Put a box [x0, y0, x1, y1] into the middle. */
  centerOn(box) {
    this._show((view) => centred(view, box));
  }

  /** The stage has this size now. */
  resize(screen) {
    if (screen.width && screen.height) this._show((view) => resized(view, screen));
  }

  _show(how) {
    if (!this.now) return;
    this.now = how(this.now);
    this._changed(this.now);
  }
}
