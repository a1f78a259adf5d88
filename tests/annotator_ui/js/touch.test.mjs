import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Lens } from "../../../annotator_ui/static/lens.js";
import { area } from "../../../annotator_ui/static/rle.js";
import { Touch } from "../../../annotator_ui/static/touch.js";
import { block } from "./shapes.mjs";

let stage;
let touch;
let told;

const at = (x, y, more = {}) => ({ screen: [x, y], picture: [x, y], button: 0, alt: false, shift: false, finger: false, time: 0, ...more });

/** A stage of 80 x 60 pixels with one ball, and nothing to draw on. */
function bareStage() {
  const row = [block(1, [10, 10, 20, 20])];
  const player = { playing: true, pause() { this.playing = false; }, toggle() { this.playing = !this.playing; } };
  return {
    frame: 7, size: [60, 80], selected: 1, display: { brush: 2 }, fresh: true, refusing: false, moved: [], player,
    view: { panBy: (...by) => stage.moved.push(by) },
    rowAt: () => row,
    isFresh: () => stage.fresh,
    hit: (_, x, y) => (x >= 10 && x < 20 && y >= 10 && y < 20 ? 1 : null),
    tell: (type, detail) => { told.push([type, detail]); return !stage.refusing; },
    answered: (mark) => told.push(["answered", mark.moment]),
    redraw: () => {},
  };
}

beforeEach(() => {
  told = [];
  stage = bareStage();
  touch = new Touch(stage);
});

function press(from, to = from) {
  touch.hand.down(from);
  touch.hand.move(to);
  touch.hand.up(to);
}

test("a click stops playing, says what it hit, and shows its dot at once", () => {
  press(at(12.5, 13.5));
  assert.deepEqual(told, [["point", { frame: 7, x: 12.5, y: 13.5, positive: true, hit: 1 }]]);
  assert.equal(stage.player.playing, false);
  assert.deepEqual(touch.waiting(7)[0].points, [[12.5, 13.5, true]]);
});

test("a click that somebody takes for something else shows no dot", () => {
  stage.refusing = true;
  press(at(12.5, 13.5));
  assert.deepEqual(touch.waiting(7), []);
});

test("a click that is answered says when it was made", () => {
  press(at(12.5, 13.5), at(12.5, 13.5, { time: 40 }));
  touch.known([{ frame: 7, track: 1, points: [[12.5, 13.5, true]], box: null }]);
  assert.deepEqual(told.at(-1), ["answered", 40]);
});

test("a dot that did not count is taken back", () => {
  press(at(12.5, 13.5));
  touch.forgetDots();
  assert.deepEqual(touch.waiting(7), []);
});

test("a click beside the picture is none", () => {
  press(at(-3, 10));
  press(at(80, 10));
  assert.deepEqual(told, []);
});

test("a box ends at the picture's edge; one without width is none", () => {
  press(at(70, 50), at(120, 90));
  assert.deepEqual(told, [["box", { frame: 7, box: [70, 50, 80, 60] }]]);
  press(at(-9, 5), at(0.5, 25));
  assert.equal(told.length, 1);
});

test("Shift and a click choose the ball that is hit", () => {
  press(at(12, 12, { shift: true }));
  assert.deepEqual(told, [["select", { track: 1 }]]);
});

test("a stroke adds to the selected ball's mask and is told as the whole picture's", () => {
  touch.take("brush");
  press(at(20, 15), at(24, 15));
  const [[type, { frame, track, mask }]] = told;
  assert.deepEqual([type, frame, track, mask.size], ["stroke", 7, 1, [60, 80]]);
  assert.ok(area(mask.counts) > 100);
});

test("two strokes in a row add up, though nobody has answered the first", () => {
  touch.take("eraser");
  press(at(10, 10));
  press(at(19, 19));
  const [first, second] = told.map(([, { mask }]) => area(mask.counts));
  assert.ok(second < first && first < 100);
});

test("after the answer the next stroke begins from the masks there are", () => {
  touch.take("brush");
  press(at(15, 15)); // within the ball: its mask stays as it is
  assert.equal(touch.painting, 1);
  touch.answered({ 7: stage.rowAt(7) });
  assert.equal(told.at(-1)[0], "answered");
  assert.equal(touch.painting, null);
});

test("a stroke without a chosen ball, or on masks still loading, is refused and says why", () => {
  touch.take("brush");
  stage.selected = null;
  press(at(20, 15));
  stage.selected = 1;
  stage.fresh = false;
  press(at(20, 15));
  assert.deepEqual(told.map(([type]) => type), ["refused", "refused"]);
  assert.match(told[0][1].why, /Select a ball first/);
  assert.match(told[1][1].why, /still loading/);
});

test("while a stroke goes on the old mask of its ball is not shown", () => {
  touch.take("brush");
  assert.equal(touch.painting, null);
  touch.hand.down(at(20, 15));
  assert.equal(touch.painting, 1);
  touch.cancel();
  assert.equal(touch.painting, null);
  assert.deepEqual(told, []);
});

test("at the keyboard's cross the tool in hand works as under the pointer", () => {
  touch.setCross([12, 13]);
  touch.useCross(false);
  touch.take("box");
  touch.setCross([30, 30]);
  touch.useCross();
  touch.setCross([40, 50]);
  touch.useCross();
  touch.take("brush");
  touch.useCross();
  assert.deepEqual(told.map(([type]) => type), ["point", "box", "stroke"]);
  assert.deepEqual(told[0][1], { frame: 7, x: 12.5, y: 13.5, positive: false, hit: 1 });
  assert.deepEqual(told[1][1].box, [30.5, 30.5, 40.5, 50.5]);
});

test("the eraser's dab takes away, its opposite adds", () => {
  touch.take("eraser");
  touch.setCross([10, 10]);
  touch.useCross(true);
  touch.forgetDots();
  touch.setCross([30, 30]);
  touch.useCross(false);
  const [less, more] = told.map(([, { mask }]) => area(mask.counts));
  assert.ok(less < 100 && more > 100);
});

test("Esc gives up the first corner of a box", () => {
  touch.take("box");
  touch.setCross([30, 30]);
  touch.useCross();
  assert.ok(touch.cancel());
  touch.useCross();
  assert.deepEqual(told, []);
});

test("Space that was meant for panning does not leave the clip playing or paused otherwise than before", () => {
  touch.space(true);
  stage.player.playing = false; // the page's own key has paused it
  press(at(10, 10), at(20, 12));
  assert.deepEqual(stage.moved, [[10, 2], [0, 0]]);
  assert.equal(stage.player.playing, true);
  touch.space(false);
  press(at(12, 12));
  assert.equal(told.length, 1, "afterwards a click is a click again");
});

test("a lens tells every new view, and none without a picture", () => {
  const views = [];
  const lens = new Lens((view) => views.push(view));
  lens.zoomAt(2);
  lens.resize({ width: 100, height: 100 });
  assert.deepEqual([views, lens.toPicture([5, 5]), lens.line], [[], [0, 0], 1]);
  lens.open({ width: 100, height: 50 }, { width: 200, height: 100 });
  lens.zoomAt(2);
  lens.panBy(10, 0);
  lens.centerOn([10, 10, 20, 20]);
  lens.resize({ width: 0, height: 0 });
  lens.fit();
  assert.equal(views.length, 4);
  assert.equal(lens.now.scale, 2);
  assert.equal(lens.line, 0.5);
  assert.deepEqual(lens.toPicture([100, 50]), [50, 25]);
});

test("the wheel with Ctrl makes a brush larger or smaller, little turns add up", () => {
  touch.take("brush");
  for (let turn = 0; turn < 4; turn++) assert.equal(touch.resize(0.5), true);
  touch.resize(-2.4);
  assert.deepEqual(told, [["brush", { way: 1 }], ["brush", { way: 1 }], ["brush", { way: -1 }]]);
});

test("without a brush in hand the wheel is free to zoom", () => {
  touch.take("box");
  assert.equal(touch.resize(3), false);
  assert.deepEqual(told, []);
});
