/**
 * What a hand does on the stage: presses, drags and lets go, told as clicks, boxes, strokes and pans.
 * Refuses to know which ball is meant and what is painted. `Hand` is pure; `bindHand` ties it to an element.
 */

const THRESHOLD = 4; // CSS pixels: a shorter drag is a click
const NOTCH = 50; // pixels of the wheel that make a brush one size larger or smaller: every mouse's notch is more
const LONG = 500; // ms: a finger that rests as long means "not this"

/** Turns touches into deeds; a touch is {screen: [x, y], picture: [x, y], button, alt, shift, finger, time}. */
export class Hand {
  /**
   * @param {{point: function, box: function, dragging: function, strokeStart: function, strokeTo: function,
   *   strokeEnd: function, cancel: function, select: function, pan: function}} told
   */
  constructor(told) {
    this._told = told;
    this._held = null;
    this.tool = "point";
    this.space = false;
  }

  /** Whether a button is down. */
  get busy() {
    return this._held !== null;
  }

  /** A button goes down. A second one cancels what the first began. */
  down(touch) {
    if (this._held) return this.cancel();
    const kind = this._kind(touch);
    this._held = { kind, from: touch, last: touch.screen, moved: false };
    if (kind === "stroke" && !this._told.strokeStart(touch, this._erases(touch))) this._held = null;
  }

  /** The pointer moves with the button down. */
  move(touch) {
    const held = this._held;
    if (!held) return;
    const [dx, dy] = [touch.screen[0] - held.last[0], touch.screen[1] - held.last[1]];
    held.last = touch.screen;
    held.moved ||= far(touch.screen, held.from.screen) >= THRESHOLD;
    if (held.kind === "pan") this._told.pan(dx, dy);
    if (held.kind === "stroke") this._told.strokeTo(touch);
    if (held.kind === "click" && held.moved && !this._negative(held.from)) {
      this._told.dragging(boxOf(held.from.picture, touch.picture));
    }
  }

  /** The button goes up: the deed is done. */
  up(touch) {
    const held = this._held;
    if (!held) return;
    this.move(touch);
    this._held = null;
    if (held.kind === "stroke") this._told.strokeEnd(touch);
    if (held.kind === "select") this._told.select(touch);
    if (held.kind === "click") this._click(held, touch);
  }

  /** Esc, or the system takes the pointer away: nothing has happened. Returns whether there was something. */
  cancel() {
    const was = this._held;
    this._held = null;
    if (was && was.kind !== "pan") this._told.cancel();
    return was !== null;
  }

  _click(held, touch) {
    const negative = this._negative(held.from) || longFinger(held.from, touch);
    if (!held.moved) return this._told.point(held.from, !negative, touch.time);
    if (negative) return this._told.cancel(); // a drag with the right button means nothing
    this._told.box(boxOf(held.from.picture, touch.picture), touch.time);
  }

  _kind(touch) {
    if (touch.button === 1 || (this.space && touch.button === 0)) return "pan";
    if (touch.shift && touch.button === 0) return "select";
    return this.tool === "brush" || this.tool === "eraser" ? "stroke" : "click";
  }

  _negative({ button, alt }) {
    return button === 2 || alt;
  }

  _erases(touch) {
    return (this.tool === "eraser") !== this._negative(touch);
  }
}

function longFinger(from, to) {
  return Boolean(from.finger) && to.time - from.time >= LONG;
}

function far([x0, y0], [x1, y1]) {
  return Math.hypot(x1 - x0, y1 - y0);
}

/** Return the box between two corners, [x0, y0, x1, y1]. */
export function boxOf([ax, ay], [bx, by]) {
  return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
}

/**
 * Let an element's pointers move a hand, two fingers and the wheel the view.
 * @param {HTMLElement} element
 * @param {Hand} hand
 * @param {{toPicture: function, zoomAt: function, panBy: function, hover: function, leave: function,
 *   resize: function(number): boolean}} place `resize` takes notches of the wheel with Ctrl held down, if it has a use for them
 */
export function bindHand(element, hand, place) {
  const touch = (event) => touchOf(element, event, place.toPicture);
  const fingers = new Map();
  element.addEventListener("pointerdown", (event) => {
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    if (event.pointerType === "touch") fingers.set(event.pointerId, touch(event).screen);
    if (fingers.size > 1) hand.cancel();
    else hand.down(touch(event));
    event.preventDefault();
  });
  element.addEventListener("pointermove", (event) => {
    if (fingers.size > 1) return pinch(fingers, event.pointerId, touch(event).screen, place);
    for (const one of event.getCoalescedEvents?.() ?? []) hand.move(touch(one));
    hand.move(touch(event));
    place.hover(touch(event));
  });
  element.addEventListener("pointerup", (event) => {
    fingers.delete(event.pointerId);
    hand.up(touch(event));
  });
  element.addEventListener("pointercancel", (event) => {
    fingers.delete(event.pointerId);
    hand.cancel();
  });
  element.addEventListener("pointerleave", () => place.leave());
  element.addEventListener("contextmenu", (event) => event.preventDefault());
  element.addEventListener("wheel", (event) => wheel(event, touch(event).screen, place), { passive: false });
}

function touchOf(element, event, toPicture) {
  const rect = element.getBoundingClientRect();
  const screen = [event.clientX - rect.left, event.clientY - rect.top];
  const finger = event.pointerType === "touch";
  const { button, altKey: alt, shiftKey: shift, timeStamp: time } = event;
  return { screen, picture: toPicture(screen), button, alt, shift, finger, time };
}

function wheel(event, [x, y], place) {
  event.preventDefault();
  const unit = event.deltaMode === 1 ? 16 : 1; // lines or pixels
  const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
  if (event.ctrlKey && place.resize(-dy / NOTCH)) return;
  if (event.shiftKey || (!event.ctrlKey && Math.abs(dx) > Math.abs(dy))) {
    place.panBy(-(dx || dy), event.shiftKey ? 0 : -dy);
  } else {
    place.zoomAt(Math.exp(-dy * (event.ctrlKey ? 0.01 : 0.002)), x, y);
  }
}

function pinch(fingers, moved, to, place) {
  if (!fingers.has(moved)) return;
  const other = [...fingers].find(([id]) => id !== moved)[1];
  const from = fingers.get(moved);
  fingers.set(moved, to);
  place.panBy((to[0] - from[0]) / 2, (to[1] - from[1]) / 2);
  const factor = far(to, other) / Math.max(1, far(from, other));
  place.zoomAt(factor, (to[0] + other[0]) / 2, (to[1] + other[1]) / 2);
}
