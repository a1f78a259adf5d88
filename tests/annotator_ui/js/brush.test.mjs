import assert from "node:assert/strict";
import { test } from "node:test";

import { resized } from "../../../annotator_ui/static/commands_view.js";
import { Stroke } from "../../../annotator_ui/static/brush.js";
import { area, decode } from "../../../annotator_ui/static/rle.js";
import { dice } from "./dice.mjs";
import { block } from "./shapes.mjs";

const SIZE = [60, 80];
const how = (more = {}) => ({ size: SIZE, radius: 3, erase: false, ...more });
const painted = (stroke) => decode(stroke.rle().counts, SIZE[1], SIZE[0]);
const at = (pixels, x, y) => pixels[y * SIZE[1] + x];

test("a stroke begins from the ball's mask and adds to it", () => {
  const stroke = new Stroke(block(1, [10, 10, 20, 20]), how());
  assert.equal(area(stroke.rle().counts), 100);
  stroke.to(20.5, 15.5);
  const pixels = painted(stroke);
  assert.equal(at(pixels, 12, 12), 1);
  assert.equal(at(pixels, 22, 15), 1);
  assert.equal(at(pixels, 24, 15), 0);
});

test("a ball without a mask gets one", () => {
  const stroke = new Stroke(null, how());
  stroke.to(40, 30);
  assert.ok(Math.abs(area(stroke.rle().counts) - Math.PI * 9) < 6);
  assert.deepEqual(stroke.rle().size, SIZE);
});

test("the eraser takes away what it touches and nothing else", () => {
  const stroke = new Stroke(block(1, [10, 10, 20, 20]), how({ erase: true, radius: 2 }));
  stroke.to(10, 15);
  const pixels = painted(stroke);
  assert.equal(at(pixels, 10, 15), 0);
  assert.equal(at(pixels, 13, 15), 1);
  assert.equal(at(pixels, 9, 15), 0);
});

test("rubbing everything out leaves the mask of nothing", () => {
  const stroke = new Stroke(block(1, [10, 10, 12, 12]), how({ erase: true, radius: 8 }));
  stroke.to(11, 11);
  assert.equal(area(stroke.rle().counts), 0);
});

test("a quick stroke leaves no gaps", () => {
  const stroke = new Stroke(null, how({ radius: 1 }));
  stroke.to(5, 5);
  stroke.to(70, 50);
  const pixels = painted(stroke);
  for (let x = 6; x < 70; x++) {
    const y = 5 + ((x - 5) * 45) / 65;
    assert.equal(at(pixels, x, Math.floor(y)), 1, `gap at ${x}`);
  }
});

test("the finest brush paints the pixel it is on", () => {
  const stroke = new Stroke(null, how({ radius: 0.1 }));
  stroke.to(7.9, 8.1);
  assert.equal(area(stroke.rle().counts), 1);
  assert.equal(at(painted(stroke), 7, 8), 1);
});

test("a stroke beyond the picture's edge stays in the picture, wherever it goes", () => {
  const roll = dice(5);
  for (let i = 0; i < 60; i++) {
    const stroke = new Stroke(null, how({ radius: 1 + roll(9), erase: roll(3) === 0 }));
    for (let n = 0; n < 4; n++) stroke.to(roll(160) - 40, roll(120) - 30);
    const { x, y, w, h, pixels } = stroke.crop();
    assert.ok(x >= 0 && y >= 0 && x + w <= SIZE[1] && y + h <= SIZE[0]);
    assert.equal(pixels.reduce((sum, value) => sum + value, 0), area(stroke.rle().counts));
  }
});

test("a brush that is made larger or smaller is always another one, down to one pixel and up to a hundred", () => {
  for (let radius = 2; radius < 100; radius++) {
    assert.ok(resized(radius, 1) > radius);
    assert.ok(resized(radius, -1) < radius);
  }
  assert.equal(resized(1, -1), 1);
  assert.equal(resized(100, 1), 100);
});
