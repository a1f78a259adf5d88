import assert from "node:assert/strict";
import { test } from "node:test";

import { advance } from "../../../annotator_ui/static/bar.js";

test("how far a propagation is promises no more than it knows: its total is the most it can come to", () => {
  assert.equal(advance({ done: 12, total: 180, seconds_left: 7.3 }), "12 of at most 180 frames, at most 7 s left");
  assert.equal(advance({ done: 12, total: 180 }), "12 of at most 180 frames");
  assert.equal(advance({ done: 3, total: 0 }), "3 frames");
  assert.equal(advance({}), "0 frames");
});

test("one frame is one frame", () => {
  assert.equal(advance({ done: 0, total: 1 }), "0 of at most 1 frame");
  assert.equal(advance({ done: 1 }), "1 frame");
});
