import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Hand, boxOf } from "../../../annotator_ui/static/tools.js";

let told;
let hand;
let strokes = true;

const at = (x, y, more = {}) => ({ screen: [x, y], picture: [x * 2, y * 2], button: 0, alt: false, shift: false, finger: false, time: 0, ...more });

beforeEach(() => {
  told = [];
  strokes = true;
  hand = new Hand({
    point: ({ picture }, positive, time) => told.push(["point", picture, positive, time]),
    box: (box, time) => told.push(["box", box, time]),
    dragging: (box) => told.push(["dragging", box]),
    strokeStart: ({ picture }, erase) => told.push(["start", picture, erase]) && strokes,
    strokeTo: ({ picture }) => told.push(["to", picture]),
    strokeEnd: () => told.push(["end"]),
    cancel: () => told.push(["cancel"]),
    select: ({ picture }) => told.push(["select", picture]),
    pan: (dx, dy) => told.push(["pan", dx, dy]),
  });
});

function press(from, to = from) {
  hand.down(from);
  hand.move(to);
  hand.up(to);
}

test("left says this belongs to the ball, right or Alt says it does not", () => {
  press(at(10, 20));
  press(at(10, 20, { button: 2 }));
  press(at(10, 20, { alt: true }));
  assert.deepEqual(told.map(([, , positive]) => positive), [true, false, false]);
  assert.deepEqual(told[0], ["point", [20, 40], true, 0]);
});

test("a hand that trembles still clicks, where it pressed", () => {
  press(at(10, 20), at(12, 22));
  assert.deepEqual(told, [["point", [20, 40], true, 0]]);
});

test("a drag is a box, whichever way it goes", () => {
  press(at(30, 40), at(10, 20, { time: 7 }));
  assert.deepEqual(told.at(-1), ["box", [20, 40, 60, 80], 7]);
  assert.deepEqual(boxOf([5, 1], [2, 9]), [2, 1, 5, 9]);
});

test("a drag out and back again is a box, not a click", () => {
  hand.down(at(10, 10));
  hand.move(at(60, 60));
  hand.move(at(11, 11));
  hand.up(at(11, 11));
  assert.equal(told.at(-1)[0], "box");
});

test("a drag with the right button does nothing", () => {
  press(at(10, 10, { button: 2 }), at(60, 60));
  assert.deepEqual(told, [["cancel"]]);
});

test("Esc ends a drag, and letting go does nothing any more", () => {
  hand.down(at(10, 10));
  hand.move(at(60, 60));
  assert.ok(hand.cancel());
  hand.up(at(70, 70));
  assert.deepEqual(told.map(([what]) => what), ["dragging", "cancel"]);
  assert.ok(!hand.cancel(), "there is nothing to end twice");
});

test("a second button ends what the first began", () => {
  hand.down(at(10, 10));
  hand.down(at(10, 10, { button: 2 }));
  hand.up(at(10, 10));
  assert.deepEqual(told, [["cancel"]]);
});

test("brush and eraser draw from the first touch on; the other button turns them round", () => {
  hand.tool = "brush";
  press(at(1, 1), at(5, 5));
  assert.deepEqual(told.map(([what]) => what), ["start", "to", "to", "end"]);
  assert.equal(told[0][2], false);
  press(at(1, 1, { button: 2 }));
  hand.tool = "eraser";
  press(at(1, 1));
  press(at(1, 1, { alt: true }));
  assert.deepEqual(told.filter(([what]) => what === "start").map(([, , erase]) => erase), [false, true, true, false]);
});

test("a stroke that may not begin does not go on", () => {
  hand.tool = "brush";
  strokes = false;
  press(at(1, 1), at(9, 9));
  assert.deepEqual(told.map(([what]) => what), ["start"]);
  assert.ok(!hand.busy);
});

test("the middle button or Space pans, whatever the tool", () => {
  hand.tool = "brush";
  press(at(10, 10, { button: 1 }), at(15, 7));
  hand.space = true;
  press(at(0, 0), at(1, 1));
  assert.deepEqual(told.filter(([, dx]) => dx), [["pan", 5, -3], ["pan", 1, 1]]);
  assert.ok(told.every(([what]) => what === "pan"));
});

test("Shift selects and clicks nothing", () => {
  press(at(3, 4, { shift: true }));
  assert.deepEqual(told, [["select", [6, 8]]]);
});

test("a finger that rests says no, a mouse that rests does not", () => {
  press(at(1, 1, { finger: true }), at(1, 1, { finger: true, time: 600 }));
  press(at(1, 1), at(1, 1, { time: 600 }));
  assert.deepEqual(told.map(([, , positive]) => positive), [false, true]);
});
