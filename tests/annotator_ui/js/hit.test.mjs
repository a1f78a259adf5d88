import assert from "node:assert/strict";
import { test } from "node:test";

import { trackAt } from "../../../annotator_ui/static/hit.js";
import { block, disc } from "./shapes.mjs";

const small = disc(5, [100, 100], 6);
const large = disc(2, [104, 100], 20);
const far = block(7, [200, 200, 220, 210]);

test("a ball is hit on its pixels and nowhere else", () => {
  assert.equal(trackAt([small], 100, 95), 5);
  assert.equal(trackAt([small], 94.2, 94.2), null, "the corner of its box is not the ball");
});

test("of balls over one another the smallest is meant", () => {
  assert.equal(trackAt([large, small], 100, 100), 5);
  assert.equal(trackAt([large, small], 118, 100), 2);
});

test("the selected ball goes before a smaller one", () => {
  assert.equal(trackAt([large, small], 100, 100, { selected: 2 }), 2);
});

test("beside all balls the one within reach is meant, the selected first", () => {
  assert.equal(trackAt([far], 222, 205, { reach: 3 }), 7);
  assert.equal(trackAt([far], 224, 205, { reach: 3 }), null);
  const other = block(8, [226, 200, 240, 210]);
  assert.equal(trackAt([far, other], 222, 205, { reach: 8 }), 7);
  assert.equal(trackAt([far, other], 222, 205, { reach: 8, selected: 8 }), 8);
});

test("a ball that is really hit goes before a selected one nearby", () => {
  const other = block(8, [221, 200, 240, 210]);
  assert.equal(trackAt([far, other], 219.5, 205, { reach: 5, selected: 8 }), 7);
});

test("a mask of nothing is never hit", () => {
  assert.equal(trackAt([[4, 0, 0, 0, 0, "0", 1]], 0, 0, { reach: 10 }), null);
});
