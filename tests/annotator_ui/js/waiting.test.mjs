import assert from "node:assert/strict";
import { test } from "node:test";

import { Stopwatch } from "../../../annotator_ui/static/stopwatch.js";
import { Waiting } from "../../../annotator_ui/static/waiting.js";

const click = (x, y, frame = 3) => ({ frame, track: 1, points: [[x, y, true]] });
const prompt = (x, y, frame = 3) => ({ frame, track: 1, points: [[x, y, true]], box: null });

test("a click is shown on its frame until the server knows it", () => {
  const waiting = new Waiting();
  waiting.add(click(10, 10));
  assert.equal(waiting.at(3).length, 1);
  assert.equal(waiting.at(4).length, 0);
  waiting.known([prompt(10.4, 9.8)]);
  assert.equal(waiting.at(3).length, 0);
});

test("a second click stays while the first is answered", () => {
  const waiting = new Waiting();
  waiting.add(click(10, 10));
  waiting.add(click(40, 40));
  waiting.known([prompt(10, 10)]);
  assert.deepEqual(waiting.at(3).map(({ points }) => points[0][0]), [40]);
});

test("what was refused is shown no more", () => {
  const waiting = new Waiting();
  waiting.add(click(10, 10));
  waiting.known([prompt(10, 10, 8)]);
  assert.equal(waiting.at(3).length, 0);
});

test("a box is known by its sides", () => {
  const waiting = new Waiting();
  waiting.add({ frame: 3, track: 1, box: [1, 2, 3, 4] });
  waiting.add(click(10, 10));
  waiting.known([{ frame: 3, track: 1, points: [], box: [1, 2, 3, 4] }]);
  assert.deepEqual(waiting.at(3).map(({ box }) => box), [null]);
});

test("from the click to the painted answer is one time, taken once", async () => {
  const watch = new Stopwatch();
  watch.clicked(5, performance.now() - 40);
  watch.painted(5); // not answered yet
  watch.answered([4, 5]);
  watch.painted(4);
  watch.painted(5);
  watch.painted(5);
  await new Promise((later) => setTimeout(later, 20));
  const { clickToPaint } = watch.stats(0);
  assert.equal(clickToPaint.length, 1);
  assert.ok(clickToPaint[0] >= 40);
});

test("pictures that were presented and not drawn are dropped ones", () => {
  const watch = new Stopwatch();
  watch.drew(true);
  watch.drew(false);
  const { presented, drawn, dropped } = watch.stats(3);
  assert.deepEqual([presented, drawn, dropped], [3, 1, 2]);
});
