/**
 * Where everything lies on the time line under the video: one row for the whole picture, one for each ball. Pure.
 */

import { isLooked, nameOf } from "./state.js";

export const GUTTER = 78;
export const TOP = 20;
const ROOMY = 14; // pixels of a row while few are there
const TIGHT = 11; // as low as its words can still be read
const FITS = 232; // pixels: what a rack of balls may take from the picture; style.css lets the strip be as high

/** Return the height of a row where this many have to fit. */
export const rowHeight = (count) => Math.max(TIGHT, Math.min(ROOMY, Math.floor((FITS - TOP - 4) / Math.max(1, count))));

/** Return the x of the left edge of a frame on a strip of this width. */
export const xOf = (frame, frames, width) => GUTTER + (frame / Math.max(1, frames)) * (width - GUTTER);

/** Return the frame under an x: the clip's first and last beyond its ends. */
export function frameAt(x, frames, width) {
  const at = Math.floor(((x - GUTTER) / Math.max(1, width - GUTTER)) * frames);
  return Math.max(0, Math.min(frames - 1, at));
}

/** Return 1, 2 or 3 for how grave a doubt is. */
export const grade = (severity) => (severity >= 0.66 ? 3 : severity >= 0.33 ? 2 : 1);

/**
 * Return the rows of the strip, the picture's first.
 * @param {object} state
 * @param {(track: number) => number[][]} runs  where a track has masks
 * @returns {{track: number, label: string, color: string|null, selected: boolean, runs: number[][], marks: object[]}[]}
 */
export function rows(state, runs) {
  const whole = { track: 0, label: "all balls", color: null, selected: false, runs: [], marks: marksOf(state, 0) };
  return [whole, ...state.tracks.map((track) => ({
    track: track.id, label: nameOf(state, track.id), color: track.color, selected: track.id === state.selected,
    runs: runs(track.id), marks: marksOf(state, track.id),
  }))];
}

/** Return what is marked on a track's row, in the order of drawing; for 0 what is about the whole picture, and every doubt. */
export function marksOf(state, track) {
  const { session } = state;
  const mine = (each) => track === 0 || each.track === track;
  const doubts = state.doubts.all.filter(mine).map((doubt) => ({
    kind: "doubt", start: doubt.start, stop: doubt.stop, frame: doubt.frame, grade: grade(doubt.severity),
    looked: isLooked(state.looked, doubt), text: said(state, doubt),
  })).sort((one, other) => one.grade - other.grade);
  const confirmed = track === 0 ? session.confirmed.map(([start, stop]) =>
    ({ kind: "confirmed", start, stop, text: "confirmed: a person says that these frames are right" })) : [];
  const waiting = Object.entries(session.pending ?? {}).filter(([id]) => track === 0 || Number(id) === track)
    .flatMap(([id, frames]) => frames.map((frame) => one("pending", frame, `${nameOf(state, Number(id))}: waits to be propagated (Enter)`)));
  const prompts = track === 0 ? [] : session.prompts.filter(mine).map((each) => one("prompt", each.frame, promptText(each)));
  const hidden = track === 0 ? [] : session.hidden.filter(mine).map((each) => one("hidden", each.frame, `${each.why} here, as a person says`));
  const pins = state.pins.filter((pin) => !pin.resolved_by && (track === 0 || pin.track === track))
    .map((pin) => one("pin", pin.frame, `${pin.author}: ${pin.text}`));
  return [...confirmed, ...doubts, ...waiting, ...prompts, ...hidden, ...pins];
}

const one = (kind, frame, text) => ({ kind, start: frame, stop: frame + 1, frame, text });

const said = (state, doubt) => `${doubt.track ? `${nameOf(state, doubt.track)}: ` : ""}${doubt.why}`;

function promptText({ points = [], box, painted }) {
  const parts = [points.length ? `${points.length} click${points.length > 1 ? "s" : ""}` : "", box ? "a box" : "", painted ? "painted" : ""];
  return parts.filter(Boolean).join(", ");
}

/** Return the y of the top of one row among `count`, and the height that all rows need. */
export const yOf = (index, count) => TOP + index * rowHeight(count);
export const heightOf = (count) => TOP + count * rowHeight(count) + 4;

/**
 * Return what lies under a point of the strip: the row, the frame, and the marks there, the gravest last.
 * @param {object[]} lines  as `rows` returns them
 */
export function under(lines, { x, y, frames, width }) {
  const index = Math.floor((y - TOP) / rowHeight(lines.length));
  const line = lines[index] ?? null;
  const frame = frameAt(x, frames, width);
  const slack = Math.ceil((3 * frames) / Math.max(1, width - GUTTER)); // three pixels: marks are thin
  const marks = (line?.marks ?? []).filter((mark) => mark.start - slack <= frame && frame < mark.stop + slack);
  return { line, frame, marks };
}

/** Return frames to label on the ruler: round numbers of seconds, at least 60 pixels apart. */
export function ticks(frames, rate, width) {
  const fps = rate[0] / rate[1];
  const seconds = frames / fps;
  const most = Math.max(1, (width - GUTTER) / 60);
  const step = [0.5, 1, 2, 5, 10, 30, 60, 300].find((each) => seconds / each <= most) ?? 600;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => ({
    frame: Math.round(index * step * fps), text: `${index * step} s`,
  })).filter(({ frame }) => frame < frames);
}
