import assert from "node:assert/strict";
import { test } from "node:test";

import { Stopwatch } from "../../../annotator_ui/static/stopwatch.js";
import { Waiting } from "../../../annotator_ui/static/waiting.js";
import { block } from "./shapes.mjs";

const click = (x, y, frame = 3) => ({ frame, track: 1, points: [[x, y, true]] });
const stroke = ([track, x, y, w, h, counts]) => ({ frame: 3, track, crop: { x, y, w, h, counts } });
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
  waiting.known([prompt(10, 10)]); // the same news, by another way
  assert.equal(waiting.at(3).length, 1);
});

test("the list that was known already says that all was refused", () => {
  const waiting = new Waiting();
  const prompts = [prompt(1, 1)];
  waiting.known(prompts);
  waiting.add(click(10, 10));
  waiting.add(stroke(block(1, [0, 0, 4, 4])));
  waiting.known(prompts);
  assert.deepEqual([waiting.at(3), waiting.stroke(3)], [[], null]);
});

test("a mark that nobody ever answers does not stay for ever", () => {
  let now = 0;
  const waiting = new Waiting(() => now);
  waiting.add(click(10, 10));
  now = 20_000;
  waiting.known([prompt(60, 60)]);
  assert.deepEqual(waiting.at(3), []);
});

test("a stroke stays until a row shows it, whatever rows and prompts come before", () => {
  const [before, after] = [block(1, [0, 0, 4, 4]), block(1, [0, 0, 5, 4])];
  const waiting = new Waiting();
  waiting.add(stroke(after));
  waiting.known([prompt(1, 1)]);
  waiting.answered({ 3: [before] });
  waiting.answered({ 4: [after] });
  assert.equal(waiting.stroke(3).track, 1);
  assert.deepEqual(waiting.at(3), [], "it is no click");
  waiting.answered({ 3: [after, block(2, [9, 9, 10, 10])] });
  assert.equal(waiting.stroke(3), null);
});

test("the answer to a second stroke answers the first; that to the first leaves the second", () => {
  const [one, two] = [block(1, [0, 0, 4, 4]), block(1, [0, 0, 5, 4])];
  const waiting = new Waiting();
  waiting.add(stroke(one));
  waiting.add(stroke(two));
  waiting.answered({ 3: [one] });
  assert.equal(waiting.stroke(3).crop.w, 5);
  waiting.add(stroke(one));
  waiting.answered({ 3: [two] });
  assert.equal(waiting.stroke(3).crop.w, 4);
  waiting.answered({ 3: [one] });
  assert.equal(waiting.stroke(3), null);
});

test("strokes on another ball are another matter", () => {
  const waiting = new Waiting();
  waiting.add(stroke(block(1, [0, 0, 4, 4])));
  waiting.add(stroke(block(2, [8, 0, 9, 4])));
  assert.equal(waiting.stroke(3, 1).track, 1);
  waiting.answered({ 3: [block(2, [8, 0, 9, 4])] });
  assert.equal(waiting.stroke(3).track, 1);
});

test("a box is known by its sides", () => {
  const waiting = new Waiting();
  waiting.add({ frame: 3, track: 1, box: [1, 2, 3, 4] });
  waiting.add(click(10, 10));
  waiting.known([{ frame: 3, track: 1, points: [], box: [1, 2, 3, 4] }]);
  assert.deepEqual(waiting.at(3).map(({ box }) => box), [null]);
});

test("from the click to the paint of its answer is one time, taken once", async () => {
  const watch = new Stopwatch();
  watch.painted(5); // not answered yet
  watch.answered(5, performance.now() - 40);
  watch.painted(4);
  watch.painted(5);
  watch.painted(5);
  while (!watch.stats(0).clickToPaint.length) await new Promise((later) => setTimeout(later, 5));
  const { clickToPaint } = watch.stats(0);
  assert.equal(clickToPaint.length, 1);
  assert.ok(clickToPaint[0] >= 40);
});

test("what is answered is told, with the moment it was done", () => {
  const waiting = new Waiting();
  waiting.add({ ...click(10, 10), moment: 77 });
  waiting.add({ ...stroke(block(1, [0, 0, 4, 4])), moment: 88 });
  assert.deepEqual(waiting.known([prompt(10, 10)]).map(({ moment }) => moment), [77]);
  assert.deepEqual(waiting.answered({ 3: [block(1, [0, 0, 4, 4])] }).map(({ moment }) => moment), [88]);
});

test("a mark can be taken back", () => {
  const waiting = new Waiting();
  const mark = click(10, 10);
  waiting.add(mark);
  waiting.add(click(10, 10));
  waiting.remove(mark);
  assert.equal(waiting.at(3).length, 1);
});

test("pictures that were presented and not drawn are dropped ones", () => {
  const watch = new Stopwatch();
  watch.drew(true);
  watch.drew(false);
  const { presented, drawn, dropped } = watch.stats(3);
  assert.deepEqual([presented, drawn, dropped], [3, 1, 2]);
});
