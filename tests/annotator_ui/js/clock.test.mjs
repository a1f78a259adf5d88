import assert from "node:assert/strict";
import { test } from "node:test";

import { frameAt, timeOf } from "../../../annotator_ui/static/clock.js";

const RATES = [[30, 1], [30000, 1001], [25, 1], [60000, 1001], [24000, 1001], [120, 1]];

for (const rate of RATES) {
  test(`at ${rate.join("/")} every frame of three hours is found at its start, its middle, and its start told in whole microseconds`, () => {
    const [n, d] = rate;
    for (let frame = 0; frame < (3 * 3600 * n) / d; frame += 7) {
      const start = (frame * d) / n;
      assert.equal(frameAt(timeOf(frame, rate), rate), frame);
      assert.equal(frameAt(start, rate), frame);
      assert.equal(frameAt(Math.floor(start * 1e6) / 1e6, rate), frame);
    }
  });
}

test("just before its start a frame is not there yet", () => {
  assert.equal(frameAt(120 / 30 - 0.002, [30, 1]), 119);
});
