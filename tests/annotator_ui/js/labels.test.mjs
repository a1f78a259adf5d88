import assert from "node:assert/strict";
import { test } from "node:test";

import { placeLabels } from "../../../annotator_ui/static/labels.js";
import { dice } from "./dice.mjs";

const item = (track, x, y, more = {}) => ({ track, box: [x - 10, y - 10, x + 10, y + 10], widths: [50, 20], height: 16, ...more });
const boxOf = ({ x, y, width, height }) => [x, y, x + width, y + height];
const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

test("no name lies on a ball or on another name, however crowded", () => {
  const roll = dice(4);
  for (let i = 0; i < 100; i++) {
    const items = Array.from({ length: 16 }, (_, n) => item(n + 1, roll(500), roll(300)));
    const placed = placeLabels(items, { room: { width: 500, height: 300 } }).map(boxOf);
    placed.forEach((label, n) => {
      for (const { box } of items) assert.ok(!overlap(label, box));
      for (const other of placed.slice(n + 1)) assert.ok(!overlap(label, other));
    });
  }
});

test("where there is room every ball has its whole name", () => {
  const items = [item(1, 100, 100), item(2, 300, 100), item(3, 500, 100)];
  assert.deepEqual(placeLabels(items).map(({ track, form }) => [track, form]), [[1, 0], [2, 0], [3, 0]]);
});

test("in a rack names are short or missing, but for the chosen ball's", () => {
  const rack = Array.from({ length: 25 }, (_, n) => item(n + 1, 100 + 21 * (n % 5), 100 + 21 * Math.floor(n / 5)));
  assert.ok(placeLabels(rack).every(({ track }) => track !== 13));
  rack[12].chosen = true;
  const placed = placeLabels(rack);
  assert.ok(placed.some(({ track }) => track === 13));
  assert.ok(placed.length < 25);
});

test("a gap too narrow for the whole name takes its short form", () => {
  const walls = [[0, 0, 200, 70], [0, 110, 200, 200], [0, 0, 86, 200], [140, 0, 200, 200]];
  const items = [item(1, 100, 90), ...walls.map((box, n) => ({ ...item(n + 2, 0, 0), box }))];
  assert.equal(placeLabels(items).find(({ track }) => track === 1).form, 1);
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
