import assert from "node:assert/strict";
import { test } from "node:test";

import { LEGEND, captionOf } from "../../../annotator_ui/static/strip.js";
import { GUTTER, TOP, frameAt, grade, heightOf, marksOf, rowHeight, rows, ticks, under, xOf, yOf } from "../../../annotator_ui/static/strip_layout.js";
import { createPresence } from "../../../annotator_ui/static/presence.js";
import { initial } from "../../../annotator_ui/static/state.js";

const clip = { id: "a", frames: 300, rate: [30, 1], width: 640, height: 360, stage: "pre-annotated" };
const doubt = (frame, track, severity) => ({ start: frame, stop: frame + 10, frame: frame + 2, track, sign: "vanished", severity, why: "vanished away from a pocket" });
const all = [doubt(100, 2, 0.9), doubt(40, 1, 0.2)];
const state = (more = {}) => ({
  ...initial(), clip, tracks: [{ id: 1, label: "red", color: "#f00" }, { id: 2, label: "blue", color: "#00f" }],
  doubts: { revision: 1, computing: false, visits: [{ frame: 102, severity: 0.9, doubts: [all[0]] }, { frame: 42, severity: 0.2, doubts: [all[1]] }], all },
  session: { ...initial().session, confirmed: [[0, 10]], pending: { 2: [120] }, prompts: [{ frame: 120, track: 2, points: [[1, 2, true]], box: null, painted: false }], hidden: [{ frame: 50, track: 1, why: "absent" }] },
  pins: [{ id: 1, frame: 7, track: 0, author: "bo", text: "look", resolved_by: "" }, { id: 2, frame: 8, track: 0, author: "bo", text: "old", resolved_by: "ana" }], ...more,
});

test("every frame is found again where it is drawn, on strips of any width", () => {
  for (const width of [200, 777, 1280, 3000]) {
    for (const frames of [1, 2, 299, 3000]) {
      for (const frame of [0, Math.floor(frames / 3), frames - 1]) {
        assert.equal(frameAt(xOf(frame + 0.5, frames, width), frames, width), frame, `${frame} of ${frames} at ${width}`);
      }
    }
  }
});

test("beyond its ends the strip means the first and the last frame", () => {
  assert.equal(frameAt(0, 300, 800), 0);
  assert.equal(frameAt(5000, 300, 800), 299);
});

test("there is a row for all and one for each ball", () => {
  const lines = rows(state(), (track) => [[0, track]]);
  assert.deepEqual(lines.map((line) => line.track), [0, 1, 2]);
  assert.deepEqual(lines[2].runs, [[0, 2]]);
  assert.equal(lines[1].label, "#1 red");
  assert.ok(heightOf(3) >= yOf(2, 3) + rowHeight(3));
});

test("the row for all shows every doubt, a ball's row its own, the gravest on top", () => {
  const kinds = (track) => marksOf(state(), track).filter(({ kind }) => kind === "doubt");
  assert.deepEqual(kinds(0).map((mark) => mark.grade), [1, 3]);
  assert.deepEqual(kinds(2).map((mark) => mark.frame), [102]);
  assert.match(kinds(2)[0].text, /#2 blue: vanished/);
});

test("what has been looked at is marked so", () => {
  const [mark] = marksOf(state({ looked: [[102, 103, 2]] }), 2).filter(({ kind }) => kind === "doubt");
  assert.ok(mark.looked);
});

test("clicks, hidden balls, waiting corrections, confirmed frames and open remarks have their marks", () => {
  const kinds = (track) => marksOf(state(), track).map(({ kind }) => kind);
  assert.deepEqual(kinds(0), ["confirmed", "doubt", "doubt", "pending", "pin"]);
  assert.deepEqual(kinds(1), ["doubt", "hidden"]);
  assert.deepEqual(kinds(2), ["doubt", "pending", "prompt"]);
});

test("the pointer finds the row, the frame and what is marked there", () => {
  const lines = rows(state(), () => []);
  const at = under(lines, { x: xOf(102.5, 300, 1000), y: yOf(2, 3) + 3, frames: 300, width: 1000 });
  assert.equal(at.line.track, 2);
  assert.equal(at.frame, 102);
  assert.equal(at.marks.at(-1).kind, "doubt");
  assert.equal(under(lines, { x: GUTTER, y: 2, frames: 300, width: 1000 }).line, null);
});

test("a full rack of balls fits: the more rows, the lower they are, as long as they can be read", () => {
  assert.equal(rowHeight(3), 14);
  for (const count of [1, 12, 16, 17, 18]) assert.ok(heightOf(count) <= 232, `${count} rows`);
  assert.ok(rowHeight(40) >= 11);
});

test("on rows of every height the pointer finds the row it is on", () => {
  for (const count of [1, 15, 17, 40]) {
    const lines = Array.from({ length: count }, (_, track) => ({ track, marks: [] }));
    for (const { track } of lines) {
      const y = yOf(track, count) + rowHeight(count) / 2;
      assert.equal(under(lines, { x: 500, y, frames: 300, width: 1000 }).line.track, track);
    }
  }
});

test("the legend has a word for every colour of the marks, each once", () => {
  const colours = LEGEND.map(([colour]) => colour);
  assert.equal(new Set(colours).size, colours.length);
  assert.ok(LEGEND.every(([colour, words]) => /^#[0-9a-f]{6}$/.test(colour) && words));
});

test("grades go up with severity", () => {
  assert.deepEqual([0, 0.32, 0.33, 0.65, 0.66, 1].map(grade), [1, 1, 2, 2, 3, 3]);
});

test("the ruler has round seconds inside the clip, not too close together", () => {
  const marks = ticks(300, [30000, 1001], 700);
  assert.ok(marks.every(({ frame }) => frame < 300));
  assert.ok(marks.length >= 3 && marks.length <= 12);
  assert.equal(marks[0].text, "0 s");
});

test("the caption leads: how many are left, that all are seen, that there are none", () => {
  assert.match(captionOf(state()), /^2 doubtful places/);
  assert.match(captionOf(state({ looked: [[0, 300, 0]] })), /You have looked at every doubtful place/);
  assert.match(captionOf(state({ doubts: { ...state().doubts, computing: true } })), /^2 doubtful places.*looking again/);
  const visit = { frame: 102, doubts: [all[0], all[1]] };
  assert.match(captionOf(state({ visit })), /Here: #2 blue: vanished away from a pocket; #1 red on frame 42: vanished/);
  const none = { revision: 1, computing: false, visits: [], all: [] };
  assert.equal(captionOf(state({ doubts: none })), "Nothing doubtful in this clip.");
  assert.match(captionOf(state({ doubts: { ...none, computing: true } })), /looking for/);
  assert.equal(captionOf(initial()), "");
});

test("presence remembers the runs of a ball, and forgets what new rows do not show", () => {
  const known = createPresence();
  known.clear(10);
  known.put(2, [[[1, 0, 0, 5, 5]], [[1, 0, 0, 5, 5]], []]);
  known.put(8, [[[1, 0, 0, 5, 5]], [[1, 0, 0, 5, 5], [2, 0, 0, 0, 0]]]);
  assert.deepEqual(known.runs(1), [[2, 4], [8, 10]]);
  assert.deepEqual(known.runs(2), []);
  const before = known.version();
  known.put(3, [[]]);
  assert.deepEqual(known.runs(1), [[2, 3], [8, 10]]);
  assert.ok(known.version() > before);
});

test("presence knows what it does not know, a piece at a time", () => {
  const known = createPresence();
  known.clear(10);
  assert.deepEqual(known.unknown(4), [0, 4]);
  known.put(0, [[], [], [], []]);
  known.put(6, [[], [], [], []]);
  assert.deepEqual(known.unknown(100), [4, 6]);
  known.put(4, [[], []]);
  assert.equal(known.unknown(100), null);
  known.forget([[8, 9]]);
  assert.deepEqual(known.unknown(100), [8, 9]);
});

test("a doubt about the whole picture stands on the picture's row alone", () => {
  const about = { ...doubt(20, 0, 0.9), sign: "class-flip" };
  const now = state({ doubts: { revision: 1, computing: false, visits: [], all: [about] } });
  const count = (track) => marksOf(now, track).filter(({ kind }) => kind === "doubt").length;
  assert.deepEqual([0, 1, 2].map(count), [1, 0, 0]);
});
