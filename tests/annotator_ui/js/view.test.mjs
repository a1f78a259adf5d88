import assert from "node:assert/strict";
import { test } from "node:test";

import { CLOSEST, centred, fitted, isFitted, panned, resized, toPicture, toScreen, zoomed } from "../../../annotator_ui/static/view.js";
import { dice } from "./dice.mjs";

const PICTURE = { width: 1920, height: 1080 };
const SCREEN = { width: 1100, height: 700 };
const near = (a, b, by = 1e-6) => a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < by, `${a} is not ${b}`));

/** A view that somebody has zoomed and panned about. */
function wandered(roll) {
  let view = fitted({ width: 100 + roll(4000), height: 100 + roll(3000) }, { width: 200 + roll(2000), height: 200 + roll(1200) });
  for (let i = 0; i < 8; i++) {
    const step = [
      () => zoomed(view, 0.25 + roll(800) / 100, roll(view.screen.width), roll(view.screen.height)),
      () => panned(view, roll(2000) - 1000, roll(2000) - 1000),
      () => centred(view, [0, 0, roll(view.picture.width), roll(view.picture.height)]),
      () => resized(view, { width: 200 + roll(2000), height: 200 + roll(1200) }),
    ];
    view = step[roll(step.length)]();
  }
  return view;
}

test("a place in the picture comes back from the stage, whatever the view", () => {
  const roll = dice(1);
  for (let i = 0; i < 300; i++) {
    const view = wandered(roll);
    const place = [roll(view.picture.width), roll(view.picture.height)];
    near(toPicture(view, toScreen(view, place)), place);
  }
});

test("at first the whole picture is seen, in the middle", () => {
  const view = fitted(PICTURE, SCREEN);
  near(toScreen(view, [960, 540]), [550, 350]);
  near(toScreen(view, [0, 540]), [0, 350]);
  assert.ok(isFitted(view));
});

test("zooming keeps the place under the pointer there", () => {
  const view = zoomed(fitted(PICTURE, SCREEN), 4, 400, 300);
  const place = toPicture(view, [400, 300]);
  near(toScreen(zoomed(view, 2.5, 400, 300), place), [400, 300]);
});

test("no view is closer than sixteen times, or farther than the whole picture", () => {
  const roll = dice(2);
  for (let i = 0; i < 300; i++) {
    const view = wandered(roll);
    assert.ok(view.scale <= CLOSEST);
    assert.ok(view.scale >= fitted(view.picture, view.screen).scale - 1e-9);
  }
});

test("zooming out to the end is the fitted view", () => {
  const view = zoomed(zoomed(fitted(PICTURE, SCREEN), 8, 10, 10), 0.001, 1000, 600);
  assert.deepEqual(view, fitted(PICTURE, SCREEN));
});

test("some of the picture stays on the stage, however far one pans", () => {
  const roll = dice(3);
  for (let i = 0; i < 300; i++) {
    const view = panned(wandered(roll), 1e6 * (roll(3) - 1), 1e6 * (roll(3) - 1));
    const [x0, y0] = toScreen(view, [0, 0]);
    const [x1, y1] = toScreen(view, [view.picture.width, view.picture.height]);
    assert.ok(x0 < view.screen.width && y0 < view.screen.height && x1 > 0 && y1 > 0);
  }
});

test("a box is brought into the middle at the zoom there is", () => {
  const view = zoomed(fitted(PICTURE, SCREEN), 6);
  const there = centred(view, [900, 500, 940, 560]);
  assert.equal(there.scale, view.scale);
  near(toScreen(there, [920, 530]), [550, 350]);
});

test("a fitted view stays fitted when the stage changes its size, another one keeps its middle", () => {
  const other = { width: 800, height: 800 };
  assert.deepEqual(resized(fitted(PICTURE, SCREEN), other), fitted(PICTURE, other));
  const close = zoomed(fitted(PICTURE, SCREEN), 6);
  near(toPicture(resized(close, other), [400, 400]), toPicture(close, [550, 350]));
});

test("a stage that has no size yet does no harm", () => {
  const view = resized(fitted(PICTURE, { width: 0, height: 0 }), SCREEN);
  assert.deepEqual(view, fitted(PICTURE, SCREEN));
});
