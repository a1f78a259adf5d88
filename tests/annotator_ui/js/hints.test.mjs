import assert from "node:assert/strict";
import { test } from "node:test";

import { modeOf } from "../../../annotator_ui/static/banners.js";
import { duration, hint, summary } from "../../../annotator_ui/static/hints.js";
import { found, keyed, moved } from "../../../annotator_ui/static/menus.js";
import { words } from "../../../annotator_ui/static/welcome.js";
import { initial, rejection } from "../../../annotator_ui/static/state.js";

const clip = { id: "a", frames: 100, rate: [30, 1], width: 640, height: 360, stage: "pre-annotated" };
const track = { id: 2, label: "blue", color: "#00f" };
const state = (more = {}) => ({ ...initial(), clip, head: 1, tracks: [track], claim: { held: true }, me: { user: "ana", role: "annotator" }, ...more });
const visit = { frame: 1, severity: 1, doubts: [{ start: 1, stop: 2, frame: 1, track: 2, severity: 1, why: "" }] };

test("each state of the page says what to do next", () => {
  const said = (more) => hint(state(more));
  assert.match(hint(initial()), /Choose a clip/);
  assert.match(hint({ ...initial(), opening: true }), /Opening/);
  assert.match(said({ doubts: { visits: [visit], all: visit.doubts } }), /N goes to the next/);
  assert.match(said({}), /Ctrl-Enter submits/);
  assert.match(said({ selected: 2 }), /#2 blue: click where its mask is missing/);
  assert.match(said({ session: { ...initial().session, pending: { 2: [1] } } }), /Enter propagates it through time \(#2 blue\)/);
  assert.match(said({ progress: { done: 1, total: 2 } }), /Esc stops it/);
  assert.match(said({ tool: "brush" }), /choose a ball first/);
  assert.match(said({ tool: "brush", selected: 2 }), /paint on #2 blue/);
  assert.match(said({ adding: true }), /Click the new ball/);
  assert.match(said({ cursor: [1, 2] }), /Arrows move the cursor/);
  assert.match(said({ pick: { text: "Swap 2 blue with" } }), /Swap 2 blue with/);
  assert.match(said({ head: null, tracks: [] }), /Nothing is drawn here yet/);
  assert.match(said({ claim: { held: false, user: "bo" } }), /bo works on this clip/);
  assert.match(said({ clip: { ...clip, stage: "submitted" }, me: { user: "bo", role: "lead" } }), /A accepts, R rejects/);
});

test("whoever corrects a rejected clip is told the reason, until it is handed in again", () => {
  const history = { move: "reject", actor: "eve", note: "the cue ball is lost", at: "" };
  for (const stage of ["rejected", "in correction"]) {
    assert.match(hint(state({ history, clip: { ...clip, stage } })), /eve rejected this clip: “the cue ball is lost”/);
  }
  assert.equal(rejection(state({ history, clip: { ...clip, stage: "submitted" } })), null);
  assert.equal(rejection(state({ history: { ...history, move: "submit" } })), null);
});

test("what was done is counted in words", () => {
  assert.deepEqual(summary({ clicks: 1, boxes: 2, strokes: 0, hides: 1, spreads: 3, edits: 2 }),
    ["1 click", "2 boxes", "1 ball marked absent or occluded", "3 propagations", "2 repairs of identity"]);
  assert.deepEqual(summary({}), []);
});

test("durations are short, and nothing where they are not known", () => {
  assert.equal(duration(0.2), "1 s");
  assert.equal(duration(89), "89 s");
  assert.equal(duration(300), "5 min");
  assert.equal(duration(null), "");
  assert.equal(duration(Infinity), "");
});

test("a search keeps what holds it, and puts words that begin with it first", () => {
  const entries = ["red", "colored", "5 red", "blue"].map((text) => ({ text }));
  assert.deepEqual(found(entries, "RED").map(({ text }) => text), ["red", "5 red", "colored"]);
  assert.equal(found(entries, " ").length, 4);
  assert.equal(found(entries, "zzz").length, 0);
});

test("arrows go round a list, also an empty one", () => {
  assert.equal(moved(0, -1, 3), 2);
  assert.equal(moved(2, 1, 3), 0);
  assert.equal(moved(0, 1, 0), 0);
});

test("while no clip is open, the middle says where to begin, or that all is done", () => {
  assert.match(words(initial())[1], /Take the next clip/);
  assert.match(words({ ...initial(), queue: "nothing waits for a verdict" }).join(" "), /Nothing more in the queue Nothing waits for a verdict/);
  assert.deepEqual(words({ ...initial(), opening: true }), ["Opening …", ""]);
});

test("in the menu of repairs the printed keys take their entry, others take none", () => {
  const entries = [["swap"], ["hide", "absent"], ["hide", "occluded"], ["remove", "range"]].map((value) => ({ value }));
  const pressed = (key, more = {}) => ({ key, code: "", ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...more });
  assert.deepEqual(keyed(pressed("w"), entries).value, ["swap"]);
  assert.deepEqual(keyed(pressed("x"), entries).value, ["hide", "absent"]);
  assert.deepEqual(keyed(pressed("X", { shiftKey: true }), entries).value, ["hide", "occluded"]);
  assert.equal(keyed(pressed("Delete"), entries), undefined);
  assert.equal(keyed(pressed("y"), entries), undefined);
});

test("while the next click is for something else than usual, the picture says for what", () => {
  assert.equal(modeOf(initial()), "");
  assert.equal(modeOf({ ...initial(), pick: { text: "Click the ball to swap with #3" } }), "Click the ball to swap with #3");
  assert.match(modeOf({ ...initial(), adding: true }), /new ball/);
});
