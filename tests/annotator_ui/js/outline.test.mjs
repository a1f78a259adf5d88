import assert from "node:assert/strict";
import { test } from "node:test";

import { rim } from "../../../annotator_ui/static/outline.js";
import { rgba, shelves } from "../../../annotator_ui/static/atlas.js";
import { dice, noise } from "./dice.mjs";

test("one pixel has four sides", () => {
  const sides = rim(Uint8Array.of(1), 1, 1).map(String).sort();
  assert.deepEqual(sides, ["0,0,0,1", "0,0,1,0", "0,1,1,1", "1,0,1,1"]);
});

test("a rectangle has four sides too, however large", () => {
  assert.equal(rim(new Uint8Array(12).fill(1), 4, 3).length, 4);
});

test("nothing has no rim", () => {
  assert.deepEqual(rim(new Uint8Array(9), 3, 3), []);
});

test("the rim is as long as there are neighbours that differ", () => {
  const roll = dice(6);
  for (let i = 0; i < 100; i++) {
    const [w, h] = [1 + roll(12), 1 + roll(12)];
    const pixels = noise(roll, w * h);
    const at = (x, y) => (x < 0 || y < 0 || x >= w || y >= h ? 0 : pixels[y * w + x]);
    let differ = 0;
    for (let y = 0; y <= h; y++) for (let x = 0; x <= w; x++) differ += (at(x, y) !== at(x - 1, y)) + (at(x, y) !== at(x, y - 1));
    const length = rim(pixels, w, h).reduce((sum, [x0, y0, x1, y1]) => sum + (x1 - x0) + (y1 - y0), 0);
    assert.equal(length, differ);
  }
});

test("crops on a sheet never touch", () => {
  const roll = dice(7);
  for (let i = 0; i < 100; i++) {
    const crops = Array.from({ length: 16 }, () => ({ w: 1 + roll(700), h: 1 + roll(90) }));
    const { places, width, height } = shelves(crops);
    crops.forEach(({ w, h }, n) => {
      const [x, y] = places[n];
      assert.ok(x + w <= width && y + h <= height);
      for (let m = 0; m < n; m++) {
        const apart = places[m][0] + crops[m].w < x || x + w < places[m][0] || places[m][1] + crops[m].h < y || y + h < places[m][1];
        assert.ok(apart, `${m} and ${n} touch`);
      }
    });
  }
});

test("no balls make a sheet of nothing", () => {
  assert.deepEqual(shelves([]), { places: [], width: 512, height: 1 });
});

test("a colour is read as it is written", () => {
  assert.deepEqual(rgba("#12ab0f", 0.5), [0x12, 0xab, 0x0f, 128]);
});
