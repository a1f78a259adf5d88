import assert from "node:assert/strict";
import { test } from "node:test";

import { CHUNK, Masks } from "../../../annotator_ui/static/masks.js";

const FRAMES = 300;
const settle = () => new Promise((later) => setTimeout(later, 0));

/** A server whose answers wait until they are let go; every row says which revision it is of. */
function server({ frames = FRAMES } = {}) {
  const asks = [];
  let revision = 1;
  const load = (start, stop) => {
    const rows = Array.from({ length: stop - start }, () => [[revision, 0, 0, 1, 1, "01", 1]]);
    return new Promise((resolve, reject) => asks.push({ start, stop, answer: () => resolve(rows), fail: () => reject(new Error("away")) }));
  };
  return { asks, masks: new Masks({ frames, load, retry: [0, 0] }), head: (to) => (revision = to) };
}

const revisionOf = (masks, frame) => masks.at(frame)?.[0][0];

async function answerAll(asks) {
  for (let i = 0; i < 50 && asks.length; i++) {
    asks.shift().answer();
    await settle();
  }
}

test("what is around the playhead is asked for first, then what comes next", async () => {
  const { asks, masks } = server();
  masks.want(130);
  assert.deepEqual(asks.map(({ start, stop }) => [start, stop]), [[120, 180], [180, 240]]);
  await answerAll(asks);
  assert.ok(masks.fresh(60), "the chunk before is loaded when there is nothing else to do");
  assert.ok(!masks.fresh(0), "what is far away is not");
});

test("nothing is asked for twice", async () => {
  const { asks, masks } = server();
  masks.want(0);
  masks.want(1);
  assert.equal(asks.length, 2);
  await answerAll(asks);
  masks.want(10);
  assert.equal(asks.length, 0);
});

test("the last chunk ends with the clip", async () => {
  const { asks, masks } = server({ frames: 70 });
  masks.want(65);
  assert.deepEqual([asks[0].start, asks[0].stop], [60, 70]);
  await answerAll(asks);
  assert.equal(masks.at(70), undefined);
});

test("an old answer never overwrites a newer row", async () => {
  const { asks, masks } = server();
  masks.want(0);
  masks.put({ 5: [[9, 0, 0, 1, 1, "01", 1]] });
  asks.shift().answer();
  await settle();
  assert.equal(revisionOf(masks, 5), 9);
  assert.equal(revisionOf(masks, 6), 1);
});

test("an answer asked for before a change is asked for again", async () => {
  const { asks, masks, head } = server();
  masks.want(0);
  head(2);
  masks.forget([[10, 20]]);
  asks.shift().answer();
  await settle();
  assert.equal(masks.at(12), undefined);
  assert.ok(!masks.fresh(12));
  await answerAll(asks);
  assert.equal(revisionOf(masks, 12), 2);
});

test("a changed frame shows its old masks until the new ones come, and says that they are old", async () => {
  const { asks, masks, head } = server();
  masks.want(0);
  await answerAll(asks);
  head(2);
  masks.forget([[10, 11]]);
  assert.equal(revisionOf(masks, 10), 1);
  assert.ok(!masks.fresh(10));
  assert.ok(masks.fresh(11));
  await answerAll(asks);
  assert.equal(revisionOf(masks, 10), 2);
  assert.ok(masks.fresh(10));
});

test("forgetting without ranges asks for everything anew", async () => {
  const { asks, masks, head } = server();
  masks.want(0);
  await answerAll(asks);
  head(3);
  masks.forget();
  await answerAll(asks);
  assert.equal(revisionOf(masks, 0), 3);
  assert.equal(revisionOf(masks, 100), 3);
});

test("rows that came tell so", async () => {
  const { asks, masks } = server();
  const told = [];
  masks.addEventListener("rows", ({ detail }) => told.push(detail.start));
  masks.want(0);
  await answerAll(asks);
  assert.deepEqual(told, [0, 60, 120]);
});

test("a failure is tried again, and told when it stays", async () => {
  const { asks, masks } = server({ frames: 30 });
  const told = [];
  masks.addEventListener("error", ({ detail }) => told.push(detail.error.message));
  masks.want(0);
  for (let i = 0; i < 3; i++) {
    asks.shift().fail();
    await new Promise((later) => setTimeout(later, 5));
  }
  assert.deepEqual(told, ["away"]);
  assert.equal(asks.length, 0);
  masks.forget(); // something has changed: worth another try
  asks.shift().answer();
  await settle();
  assert.ok(masks.fresh(0));
});

test("an answer with rows missing is a failure, not an endless loop", async () => {
  const told = [];
  const masks = new Masks({ frames: 30, load: async () => [[]], retry: [] });
  masks.addEventListener("error", ({ detail }) => told.push(detail.error.message));
  masks.want(0);
  await settle();
  assert.deepEqual(told, ["got 1 rows of frames 0:30"]);
});

test("after closing no answer comes in", async () => {
  const { asks, masks } = server();
  masks.want(0);
  masks.close();
  await answerAll(asks);
  assert.equal(masks.at(0), undefined);
});

test("memory stays bounded in a clip of any length", async () => {
  const frames = 60 * CHUNK;
  const masks = new Masks({ frames, load: async (start, stop) => Array.from({ length: stop - start }, () => []) });
  for (let frame = 0; frame < frames; frame += CHUNK) {
    masks.want(frame);
    await settle();
  }
  await settle();
  const known = Array.from({ length: frames }, (_, frame) => masks.at(frame)).filter(Boolean).length;
  assert.ok(known <= 40 * CHUNK, `${known} rows are kept`);
  assert.ok(masks.fresh(frames - 1));
});
