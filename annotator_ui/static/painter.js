/**
 * Draws a frame's picture, and its masks, names and clicks over it; refuses to know which frame that should be.
 *
 * Canvases are as fine as the screen; what is drawn in picture pixels goes through the view's transform.
 */

import { Atlas, paintSheet, rgba } from "./atlas.js";
import { placeLabels } from "./labels.js";
import { paintBoxes, paintDots } from "./marks.js";
import { SHARP, toScreen } from "./view.js";

const OPACITY = 0.4;
const LIGHT = 0.45; // of that, in the chosen ball's outline: its own colours must be seen
const EDGE = 0.9; // a ball of its mask's colour must still show where the mask ends
const COLOR = "#ffffff"; // of a track nobody has named a colour for
const FONT = "600 12px system-ui, sans-serif";
const ADDED = rgba("#22e06a", 0.75);
const REMOVED = rgba("#ff3b5c", 0.75);

/** Draw the picture. */
export function paintPicture(canvas, picture, view, dpr) {
  const pen = prepared(canvas, view, dpr);
  if (!picture) return;
  pen.drawImage(picture.source, 0, 0, view.picture.width, view.picture.height);
}

/** Return a clean pen that draws in picture pixels. */
export function prepared(canvas, view, dpr) {
  const width = Math.max(1, Math.round(view.screen.width * dpr));
  const height = Math.max(1, Math.round(view.screen.height * dpr));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const pen = canvas.getContext("2d");
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.setTransform(dpr * view.scale, 0, 0, dpr * view.scale, dpr * view.x, dpr * view.y);
  pen.imageSmoothingEnabled = view.scale < SHARP;
  return pen;
}

/** Draws masks and what belongs to them; keeps sheets, names and colours between frames. */
export class Painter {
  constructor() {
    this._atlas = new Atlas();
    this._names = new Map();
    this._sides = new Map();
    this._tracks = new Map();
  }

  /** Take the tracks' names and colours: [{id, label, color}]. */
  setTracks(tracks) {
    this._tracks = new Map(tracks.map((track) => [track.id, track]));
    this._names.clear();
    this._atlas.clear();
  }

  /** Forget the last clip. */
  clear() {
    this._atlas.clear();
    this._sides.clear();
  }

  /** Return a track's colour, "#rrggbb". */
  colorOf(track) {
    return this._tracks.get(track)?.color ?? COLOR;
  }

  /**
   * Draw everything that lies over a picture.
   * @param {HTMLCanvasElement} canvas
   * @param {{row: ?Array, view: object, dpr: number, selected: ?number, display: object, prompts: Array, diff: ?Array,
   *   hidden: ?number}} scene `hidden`: a ball not drawn, because a stroke on it is
   */
  paint(canvas, scene) {
    const pen = prepared(canvas, scene.view, scene.dpr);
    const line = 1 / scene.view.scale; // one CSS pixel
    if (scene.row) this._balls(pen, scene, line);
    if (scene.diff) paintDiff(pen, scene.diff);
    paintBoxes(pen, scene.prompts, line);
    paintDots(pen, scene.prompts, line);
  }

  _balls(pen, { row, view, dpr, selected, display, hidden }, line) {
    const { sheet, balls } = this._atlas.of(row, (track) => this._colors(track));
    const shown = balls.filter(({ track }) => (!display.only || track === selected) && track !== hidden);
    const filled = display.masks === "fill" ? shown : shown.filter(({ track }) => display.masks === "outline" && track === selected);
    pen.globalAlpha = display.masks === "fill" ? 1 : LIGHT;
    for (const { x, y, w, h, place } of filled) pen.drawImage(sheet, ...place, w, h, x, y, w, h);
    pen.globalAlpha = 1;
    if (display.masks === "outline") this._rims(pen, shown, line);
    if (display.masks !== "off") this._chosen(pen, shown, { selected, line });
    if (display.labels && display.masks !== "off") this._labels(pen, shown, { view, dpr, selected });
  }

  _colors(track) {
    const color = this.colorOf(track);
    return { color: rgba(color, OPACITY), edge: rgba(color, EDGE) };
  }

  _rims(pen, balls, line) {
    for (const { track, path } of balls) stroke(pen, path, [["rgba(0, 0, 0, 0.45)", 3.5 * line], [this.colorOf(track), 2 * line]]);
  }

  _chosen(pen, balls, { selected, line }) {
    const chosen = balls.find(({ track }) => track === selected);
    if (!chosen) return;
    stroke(pen, chosen.path, [["rgba(0, 0, 0, 0.7)", 4 * line], ["#ffffff", 2 * line]]);
  }

  _labels(pen, balls, { view, dpr, selected }) {
    const items = balls.map(({ track, x, y, w, h }) => {
      const chosen = track === selected;
      const forms = [this._name(track, { chosen, dpr }), this._name(track, { chosen, dpr, short: true })];
      const box = [...toScreen(view, [x, y]), ...toScreen(view, [x + w, y + h])];
      return { track, chosen, box, forms, widths: forms.map(({ width }) => width / dpr), height: forms[0].height / dpr };
    });
    if (view !== this._seen) this._sides.clear(); // names may jump when the picture does
    this._seen = view;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    const forms = new Map(items.map((item) => [item.track, item.forms]));
    for (const { track, form, x, y } of placeLabels(items, { sides: this._sides, room: view.screen })) {
      pen.drawImage(forms.get(track)[form], Math.round(x * dpr), Math.round(y * dpr));
    }
    pen.setTransform(dpr * view.scale, 0, 0, dpr * view.scale, dpr * view.x, dpr * view.y);
  }

  _name(track, how) {
    const key = `${track} ${how.chosen} ${how.dpr} ${how.short}`;
    if (!this._names.has(key)) this._names.set(key, this._written(track, how));
    return this._names.get(key);
  }

  _written(track, { chosen, dpr, short = false }) {
    const { label = "" } = this._tracks.get(track) ?? {};
    const text = label && !short ? `#${track} ${label}` : `#${track}`;
    const name = new OffscreenCanvas(1, 1);
    let pen = name.getContext("2d");
    pen.font = FONT;
    name.width = Math.ceil((pen.measureText(text).width + 14) * dpr);
    name.height = Math.ceil(16 * dpr);
    pen = name.getContext("2d");
    pen.scale(dpr, dpr);
    pen.font = FONT; // a canvas forgets when its size is set
    pen.textBaseline = "middle";
    pen.fillStyle = chosen ? "#ffffff" : "rgba(12, 14, 20, 0.78)";
    pen.fillRect(0, 0, name.width, name.height);
    pen.fillStyle = this.colorOf(track);
    pen.fillRect(0, 0, 4, name.height);
    pen.fillStyle = chosen ? "#0c0e14" : "#ffffff";
    pen.fillText(text, 8, 8.5);
    return name;
  }
}

function stroke(pen, path, lines) {
  for (const [color, width] of lines) {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.stroke(path);
  }
}

function paintDiff(pen, balls) {
  const crops = balls.map(({ w, h, added, removed }) => ({
    w,
    h,
    layers: [{ pixels: added, color: ADDED }, { pixels: removed, color: REMOVED }],
  }));
  const { sheet, places } = paintSheet(crops);
  balls.forEach(({ x, y, w, h }, i) => pen.drawImage(sheet, ...places[i], w, h, x, y, w, h));
}
