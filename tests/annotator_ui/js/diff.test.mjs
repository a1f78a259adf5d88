import assert from "node:assert/strict";
import { test } from "node:test";

import { diffRows } from "../../../annotator_ui/static/diff.js";
import { block } from "./shapes.mjs";

test("what was added and what was removed is told pixel by pixel", () => {
  const [ball, ...others] = diffRows([block(1, [0, 0, 4, 2])], [block(1, [1, 0, 6, 2])]);
  assert.deepEqual(others, []);
  const { track, x, y, w, h, added, removed } = ball;
  assert.deepEqual({ track, x, y, w, h }, { track: 1, x: 0, y: 0, w: 6, h: 2 });
  assert.deepEqual([...added], [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1]);
  assert.deepEqual([...removed], [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
});

test("balls that are the same are not told", () => {
  const row = [block(1, [0, 0, 4, 2]), block(2, [9, 9, 12, 12])];
  assert.deepEqual(diffRows(row, structuredClone(row)), []);
});

test("a ball that comes is all added, one that goes all removed", () => {
  const told = diffRows([block(1, [0, 0, 4, 2])], [block(2, [5, 5, 7, 7])]);
  assert.deepEqual(told.map(({ track, pixelsAdded, pixelsRemoved }) => [track, pixelsAdded, pixelsRemoved]), [[1, 0, 8], [2, 4, 0]]);
});

test("a mask of nothing on both sides is no change", () => {
  const empty = [3, 0, 0, 0, 0, "0", 1];
  assert.deepEqual(diffRows([empty], [[...empty]]), []);
  assert.equal(diffRows([empty], [block(3, [1, 1, 2, 2])])[0].pixelsAdded, 1);
});
