import assert from "node:assert/strict";
import { test } from "node:test";

import { beside, boxIn, lost, near, ofBox, ofPoint } from "../../../annotator_ui/static/meaning.js";
import { initial } from "../../../annotator_ui/static/state.js";

const row = [[1, 100, 100, 20, 20, "x", 1], [2, 300, 100, 20, 20, "x", 1], [3, 0, 0, 0, 0, "", 1]];
const clip = { id: "a", frames: 100, rate: [30, 1], width: 640, height: 360, stage: "pre-annotated" };
const state = (more = {}) => ({
  ...initial(), clip, claim: { held: true, user: "ana" }, tracks: [1, 2, 3].map((id) => ({ id, label: "red", color: "#f00" })), ...more,
});
const click = (x, y, hit, positive = true) => ({ x, y, hit, positive });

test("a click on a ball chooses it", () => {
  assert.deepEqual(ofPoint(state(), row, click(110, 110, 1)), { do: "select", track: 1 });
  assert.deepEqual(ofPoint(state({ selected: 2 }), row, click(110, 110, 1)), { do: "select", track: 1 });
});

test("a click on the chosen ball, or near it, belongs to it", () => {
  assert.deepEqual(ofPoint(state({ selected: 1 }), row, click(110, 110, 1)), { do: "prompt", track: 1 });
  assert.deepEqual(ofPoint(state({ selected: 1 }), row, click(130, 110, null)), { do: "prompt", track: 1 });
});

test("a click far from the chosen ball, on nothing, is asked about", () => {
  assert.deepEqual(ofPoint(state({ selected: 1 }), row, click(500, 300, null)), { do: "ask" });
  assert.deepEqual(ofPoint(state(), row, click(500, 300, null)), { do: "ask" });
});

test("a chosen ball that is lost on this frame takes any click, also one on another's mask", () => {
  assert.deepEqual(ofPoint(state({ selected: 3 }), row, click(500, 300, null)), { do: "prompt", track: 3 });
  assert.deepEqual(ofPoint(state({ selected: 3 }), row, click(110, 110, 1)), { do: "prompt", track: 3 });
});

test("a right click takes away from the chosen ball near it, else from the ball under it", () => {
  assert.deepEqual(ofPoint(state({ selected: 1 }), row, click(125, 110, null, false)), { do: "prompt", track: 1 });
  assert.deepEqual(ofPoint(state({ selected: 1 }), row, click(310, 110, 2, false)), { do: "prompt", track: 2 });
  assert.equal(ofPoint(state(), row, click(500, 300, null, false)).do, "nothing");
});

test("while a new ball is wanted, a click asks for its class wherever it is", () => {
  assert.deepEqual(ofPoint(state({ adding: true }), row, click(110, 110, 1)), { do: "ask" });
  assert.deepEqual(ofBox(state({ adding: true }), row, [100, 100, 120, 120]), { do: "ask" });
});

test("while another ball is asked for, a click answers with the ball under it", () => {
  const picking = state({ selected: 1, pick: { text: "which", done: () => {} } });
  assert.deepEqual(ofPoint(picking, row, click(310, 110, 2)), { do: "pick", track: 2 });
  assert.equal(ofPoint(picking, row, click(500, 300, null)).do, "nothing");
});

test("in a clip that cannot be changed, balls can be chosen and nothing else", () => {
  const read = state({ claim: { held: false, user: "bo" }, selected: 1 });
  assert.deepEqual(ofPoint(read, row, click(110, 110, 1)), { do: "select", track: 1 });
  assert.equal(ofPoint(read, row, click(500, 300, null)).do, "refuse");
  assert.equal(ofBox(read, row, [0, 0, 9, 9]).do, "refuse");
});

test("a box belongs to the chosen ball near it, to the ball that it fits, or is asked about", () => {
  assert.deepEqual(ofBox(state({ selected: 1 }), row, [98, 98, 122, 122]), { do: "prompt", track: 1 });
  assert.deepEqual(ofBox(state({ selected: 3 }), row, [400, 10, 420, 30]), { do: "prompt", track: 3 });
  assert.deepEqual(ofBox(state({ selected: 1 }), row, [298, 98, 322, 122]), { do: "prompt", track: 2 });
  assert.deepEqual(ofBox(state(), row, [400, 10, 420, 30]), { do: "ask" });
});

test("an empty mask is no mask", () => {
  assert.equal(boxIn(row, 3), null);
  assert.equal(boxIn(undefined, 1), null);
  assert.deepEqual(boxIn(row, 2), [300, 100, 20, 20]);
  assert.deepEqual(lost(state(), row), [3]);
});

test("near means within the ball's own size", () => {
  assert.ok(near([100, 100, 20, 20], 139, 110));
  assert.ok(!near([100, 100, 20, 20], 140, 110));
  assert.ok(near([100, 100, 20, 20], 80, 80));
  assert.ok(!near([100, 100, 20, 20], 79, 110));
});

test("a click that only just missed a ball asks nothing and begins no ball", () => {
  assert.equal(beside(row, 134, 110), 1);
  assert.equal(beside(row, 136, 110), null);
  assert.equal(beside(row, 295, 95), 2);
  assert.equal(beside(undefined, 0, 0), null);
  const missed = ofPoint(state(), row, click(130, 110, null));
  assert.equal(missed.do, "nothing");
  assert.match(missed.why, /click #1 red itself/);
  assert.deepEqual(ofPoint(state({ adding: true }), row, click(130, 110, null)), { do: "ask" });
});
