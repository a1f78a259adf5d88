import assert from "node:assert/strict";
import { test } from "node:test";

import {
  cleared, createStore, doubtCounts, fromAnswer, fromServer, inReview, initial, isLooked, mayTakeOver, nameOf, nextVisit, pending,
  range, readOnly, visibility, visitsLeft,
} from "../../../annotator_ui/static/state.js";

const clip = { id: "a", frames: 100, rate: [30, 1], width: 640, height: 360, stage: "pre-annotated", split: "train" };
const doubt = (frame, track, severity = 0.5) => ({ start: frame, stop: frame + 5, frame, track, sign: "vanished", severity, why: `gone at ${frame}` });
const opened = (more = {}) => ({ ...initial(), clip, clipId: "a", claim: { held: true, user: "ana" }, me: { user: "ana", role: "annotator" }, ...more });
const visits = [{ frame: 40, severity: 0.9, doubts: [doubt(40, 2, 0.9)] }, { frame: 10, severity: 0.4, doubts: [doubt(10, 1, 0.4), doubt(12, 2, 0.2)] }];
const doubted = (more = {}) => opened({ doubts: { revision: 1, computing: false, visits, all: visits.flatMap((each) => each.doubts) }, ...more });

test("watchers are told once at first, then only of what really changes", () => {
  const store = createStore({ a: 1, b: 2 });
  const told = [];
  const stop = store.watch(["a"], ({ a }) => told.push(a));
  store.set({ b: 3 });
  store.set({ a: 1 });
  store.set({ a: 5 });
  stop();
  store.set({ a: 6 });
  assert.deepEqual(told, [1, 5]);
});

test("a watcher of everything is told of every change", () => {
  const store = createStore({ a: 1 });
  let count = 0;
  store.watch(null, () => { count += 1; });
  store.set({ a: 2 });
  assert.equal(count, 2);
});

test("what the server says replaces what is known of the clip and leaves the person where they are", () => {
  const session = { ...initial().session, running: { seq: 4, done: 1, total: 9 } };
  const patch = fromServer({ clip, head: 7, tracks: [], labels: [], session, pins: [], looked: [], doubts: {}, video: {}, claim: null, unfinished: null, proposal: null });
  assert.equal(patch.head, 7);
  assert.equal(patch.progress.done, 1);
  assert.ok(!("frame" in patch) && !("selected" in patch));
});

test("opening another clip keeps the person's settings and nothing of the clip before", () => {
  const state = opened({ frame: 50, selected: 3, display: { ...initial().display, brightness: 2, only: true } });
  const next = cleared(state);
  assert.equal(next.display.brightness, 2);
  assert.equal(next.display.only, false);
  assert.equal(next.selected, null);
  assert.equal(next.clip, null);
  assert.equal(next.me.user, "ana");
});

test("an answer changes only what it brings", () => {
  assert.deepEqual(fromAnswer({ seq: 3, running: true }), {});
  assert.equal(fromAnswer({ head: 5, stage: "in correction" }, clip).clip.stage, "in correction");
  assert.ok(!("clip" in fromAnswer({ stage: "pre-annotated" }, clip)));
});

test("a clip that is nobody's else and open to correction can be changed", () => {
  assert.equal(readOnly(opened()), "");
  assert.equal(readOnly(opened({ claim: { held: false, user: null } })), "");
});

test("a clip that somebody else holds, or that was handed in, cannot be changed, and it is said why", () => {
  assert.match(readOnly(opened({ claim: { held: false, user: "bo" } })), /bo works on this clip/);
  assert.match(readOnly(opened({ clip: { ...clip, stage: "submitted" } })), /submitted/);
  assert.match(readOnly(opened({ clip: { ...clip, stage: "accepted" } })), /reopen/);
  assert.match(readOnly(initial()), /no clip/);
});

test("a lead takes over from anybody, everybody from their own other tab", () => {
  const taken = (user, role) => opened({ claim: { held: false, user }, me: { user: "ana", role } });
  assert.ok(mayTakeOver(taken("bo", "lead")));
  assert.ok(!mayTakeOver(taken("bo", "annotator")));
  assert.ok(mayTakeOver(taken("ana", "annotator")));
  assert.ok(!mayTakeOver(opened()));
});

test("only submitted clips are reviewed, and only by those who may", () => {
  const submitted = { ...clip, stage: "submitted" };
  assert.ok(inReview(opened({ clip: submitted, me: { user: "x", role: "reviewer" } })));
  assert.ok(!inReview(opened({ clip: submitted })));
  assert.ok(!inReview(opened({ me: { user: "x", role: "lead" } })));
});

test("a range needs one end; without the other it goes to the clip's", () => {
  const marked = (start, stop) => range(opened({ loop: { in: start, out: stop, on: false } }));
  assert.equal(marked(null, null), null);
  assert.deepEqual(marked(5, null), [5, 100]);
  assert.deepEqual(marked(null, 9), [0, 9]);
  assert.equal(marked(9, 9), null);
});

test("N goes to the gravest place that is left, but not to where we are", () => {
  assert.equal(nextVisit(doubted(), 1).frame, 40);
  assert.equal(nextVisit(doubted({ visit: visits[0] }), 1).frame, 10);
  assert.equal(nextVisit(doubted({ looked: [[0, 100, 0]] }), 1), null);
});

test("Shift-N goes back the way we came, also when nothing there is doubtful any more", () => {
  const trail = [visits[0], visits[1]];
  assert.equal(nextVisit(opened({ visit: visits[1], trail }), -1).frame, 40);
  assert.equal(nextVisit(opened({ visit: visits[0], trail }), -1), null);
  assert.equal(nextVisit(opened(), -1), null);
});

test("a doubt is looked at when its worst frame is, of its ball or of all", () => {
  assert.ok(isLooked([[38, 41, 2]], doubt(40, 2)));
  assert.ok(isLooked([[0, 100, 0]], doubt(40, 2)));
  assert.ok(!isLooked([[38, 41, 1]], doubt(40, 2)));
  assert.ok(!isLooked([[41, 60, 2]], doubt(40, 2)));
});

test("what was looked at is no longer counted", () => {
  assert.deepEqual(doubtCounts(doubted()), { 1: 1, 2: 2 });
  assert.deepEqual(doubtCounts(doubted({ looked: [[40, 41, 2]] })), { 1: 1, 2: 1 });
  assert.equal(visitsLeft(doubted({ looked: [[40, 41, 2]] })).length, 1);
});

test("a ball is here, or where a person says it is", () => {
  const state = opened({ frame: 3, session: { ...initial().session, hidden: [{ frame: 3, track: 2, why: "occluded" }] } });
  assert.equal(visibility(state, [[1, 0, 0, 9, 9, "x", 1]], 1), "here");
  assert.equal(visibility(state, [], 1), "");
  assert.equal(visibility(state, [], 2), "occluded");
});

test("balls are named by number and class", () => {
  const state = opened({ tracks: [{ id: 5, label: "red", color: "#f00" }] });
  assert.equal(nameOf(state, 5), "#5 red");
  assert.equal(nameOf(state, 6), "#6");
  assert.deepEqual(pending(state), {});
});
