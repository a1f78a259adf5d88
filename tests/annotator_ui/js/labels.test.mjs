import assert from "node:assert/strict";
import { test } from "node:test";

import { placeLabels } from "../../../annotator_ui/static/labels.js";
import { dice } from "./dice.mjs";

const item = (track, x, y, r = 10) => ({ track, box: [x - r, y - r, x + r, y + r], width: 50, height: 16 });
const boxOf = ({ x, y, width, height }) => [x, y, x + width, y + height];
const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

test("no name lies on its own ball, and every ball gets one", () => {
  const roll = dice(4);
  for (let i = 0; i < 100; i++) {
    const items = Array.from({ length: 16 }, (_, n) => item(n + 1, roll(1000), roll(600)));
    const placed = placeLabels(items, { room: { width: 1000, height: 600 } });
    assert.deepEqual(placed.map(({ track }) => track), items.map(({ track }) => track));
    placed.forEach((label, n) => assert.ok(!overlap(boxOf(label), items[n].box)));
  }
});

test("names avoid other balls and other names where there is room", () => {
  const items = [item(1, 100, 100), item(2, 140, 92), item(3, 100, 140)];
  const placed = placeLabels(items).map(boxOf);
  for (const [n, label] of placed.entries()) {
    for (const { box } of items) assert.ok(!overlap(label, box));
    for (const other of placed.slice(n + 1)) assert.ok(!overlap(label, other));
  }
});

test("a name stays on its side while that is free", () => {
  const sides = new Map();
  const crowded = [item(1, 100, 100), item(2, 140, 92)];
  const [first] = placeLabels(crowded, { sides });
  const [later] = placeLabels([crowded[0]], { sides });
  assert.equal(later.x, first.x);
});

test("names stay on the stage where they can", () => {
  const [{ x, width }] = placeLabels([item(1, 985, 300)], { room: { width: 1000, height: 600 } });
  assert.ok(x + width <= 1000);
});
