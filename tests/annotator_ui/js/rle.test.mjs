import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { area, contains, decode, encode, encodeWhole, pack, unpack } from "../../../annotator_ui/static/rle.js";
import { dice, noise } from "./dice.mjs";

const golden = JSON.parse(readFileSync(new URL("./rle_golden.json", import.meta.url)));
const bits = (lines) => Uint8Array.from(lines.join(""), Number);

for (const { name, size, whole, row, runs, area: pixels, pixels: lines } of golden) {
  const [, x, y, w, h, counts] = row;

  test(`${name}: runs, area and pixels are what pycocotools says`, () => {
    assert.deepEqual(unpack(counts), runs);
    assert.equal(area(counts), pixels);
    assert.deepEqual(decode(counts, w, h), bits(lines));
  });

  test(`${name}: its crop is encoded to the very same characters, alone and as the whole picture`, () => {
    if (w && h) assert.equal(encode(bits(lines), w, h), counts);
    assert.deepEqual(encodeWhole(bits(lines), { x, y, w, h }, size), { size, counts: whole });
  });

  test(`${name}: a place is held exactly where its pixel is set`, () => {
    const held = bits(lines);
    for (let i = 0; i < Math.min(held.length, 4000); i++) {
      assert.equal(contains(counts, h, i % w, Math.floor(i / w)), held[i] === 1);
    }
  });
}

test("whatever is encoded is decoded to itself", () => {
  const roll = dice(1);
  for (let i = 0; i < 200; i++) {
    const [w, h] = [1 + roll(30), 1 + roll(30)];
    const pixels = noise(roll, w * h);
    assert.deepEqual(decode(encode(pixels, w, h), w, h), pixels);
  }
});

test("whatever is packed is unpacked to itself, runs of four thousand million pixels too", () => {
  const roll = dice(2);
  for (let i = 0; i < 200; i++) {
    const runs = Array.from({ length: 1 + roll(9) }, () => roll(2 ** (1 + roll(32))));
    assert.deepEqual(unpack(pack(runs)), runs);
  }
});

test("a crop is the same picture wherever it is cut", () => {
  const roll = dice(3);
  for (let i = 0; i < 50; i++) {
    const [wide, high] = [5 + roll(20), 5 + roll(20)];
    const pixels = noise(roll, wide * high);
    const whole = encodeWhole(pixels, { x: 0, y: 0, w: wide, h: high }, [high, wide]);
    assert.deepEqual(decode(whole.counts, wide, high), pixels);
    const [x, w] = [1, wide - 2];
    const strip = Uint8Array.from({ length: w * high }, (_, at) => pixels[Math.floor(at / w) * wide + x + (at % w)]);
    const back = decode(encodeWhole(strip, { x, y: 0, w, h: high }, [high, wide]).counts, wide, high);
    for (let at = 0; at < back.length; at++) assert.equal(back[at], [0, wide - 1].includes(at % wide) ? 0 : pixels[at]);
  }
});

test("a mask of nothing is one run of background", () => {
  assert.deepEqual(unpack(encodeWhole(new Uint8Array(0), { x: 0, y: 0, w: 0, h: 0 }, [4, 5]).counts), [20]);
});

test("broken runs are told instead of drawn", () => {
  assert.throws(() => unpack("P"), /end inside a number/);
  assert.throws(() => unpack("a\u0001"), /not a packed run/);
  assert.throws(() => decode(pack([3, 30]), 4, 4), /do not fit a crop of 4 x 4/);
});

test("a crop that reaches beyond the picture is refused", () => {
  assert.throws(() => encodeWhole(new Uint8Array(4), { x: 9, y: 0, w: 2, h: 2 }, [10, 10]), /reaches beyond 10 x 10/);
});
