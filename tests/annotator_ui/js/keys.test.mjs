import assert from "node:assert/strict";
import { test } from "node:test";

import { KEYS, belongsElsewhere, chordsOf, keyFor, listen, lookUp, overlay, pressesControl, printed } from "../../../annotator_ui/static/keys.js";

const pressed = (key, more = {}) => ({ key, code: "", ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...more });

test("no key does two things in one mode", () => {
  const seen = new Map();
  for (const each of KEYS) {
    for (const chord of each.chords) {
      const name = `${each.when ?? ""}:${chord}`;
      assert.ok(!seen.has(name), `${name}: ${seen.get(name)} and ${each.command}`);
      seen.set(name, each.command);
    }
  }
});

test("every key says what it does, and in which group of the overlay", () => {
  for (const { chords, command, text, group } of KEYS) {
    assert.ok(chords.length && command && text && group, `${chords}`);
  }
});

test("the overlay holds every chord of the table once", () => {
  const shown = overlay().flatMap(({ keys }) => keys.flatMap(({ chords }) => chords));
  assert.equal(shown.length, KEYS.flatMap(({ chords }) => chords).length);
});

test("every key of the table is found by pressing it", () => {
  for (const { chords, command, when } of KEYS) {
    for (const chord of chords) {
      const key = chord === "+" ? "+" : chord.split("+").at(-1);
      const event = pressed(key === "Space" ? " " : key, {
        ctrlKey: chord.startsWith("Ctrl+"), shiftKey: chord.includes("Shift+"), altKey: chord.startsWith("Alt+"),
      });
      assert.equal(lookUp(event, when ? [when] : [])?.command, command, chord);
    }
  }
});

test("a letter with Shift is the same key as its capital", () => {
  assert.equal(lookUp(pressed("N", { shiftKey: true })).command, "previousVisit");
  assert.equal(lookUp(pressed("Z", { shiftKey: true, ctrlKey: true })).command, "redo");
});

test("the command key of a Mac stands for Ctrl", () => {
  assert.equal(lookUp(pressed("z", { metaKey: true })).command, "undo");
});

test("a keyboard with other letters is read by the place of its keys", () => {
  assert.equal(lookUp(pressed("т", { code: "KeyN" })).command, "nextVisit");
  assert.equal(lookUp(pressed("Т", { code: "KeyN", shiftKey: true })).command, "previousVisit");
  assert.deepEqual(lookUp(pressed("é", { code: "Digit2" })).args, ["2"]);
  assert.equal(lookUp(pressed("ü", { code: "BracketLeft" })).command, "selectNext");
});

test("the letter that is printed wins over the place of the key", () => {
  assert.equal(lookUp(pressed("z", { code: "KeyY", ctrlKey: true })).command, "undo");
});

test("a character of the third level is a character, no shortcut", () => {
  const event = pressed("[", { code: "Digit8", ctrlKey: true, altKey: true, getModifierState: (name) => name === "AltGraph" });
  assert.deepEqual(chordsOf(event)[0], "[");
});

test("the browser keeps its own keys", () => {
  for (const key of ["r", "t", "w", "l", "f", "p", "s"]) {
    assert.equal(lookUp(pressed(key, { ctrlKey: true })), undefined, `Ctrl+${key}`);
  }
  assert.equal(lookUp(pressed("Tab")), undefined);
  assert.equal(lookUp(pressed("F5")), undefined);
});

test("a mode's keys win while it is on, and only then", () => {
  assert.equal(lookUp(pressed("Enter"), ["cursor"]).command, "clickCursor");
  assert.equal(lookUp(pressed("Enter")).command, "spread");
  assert.equal(lookUp(pressed("a"), ["review"]).command, "accept");
  assert.equal(lookUp(pressed("a")).command, "newBall");
  assert.equal(lookUp(pressed("r")), undefined);
});

const target = (matching) => ({ closest: (selector) => (selector.split(", ").includes(matching) ? {} : null) });

test("keys typed into a field or a dialog belong there", () => {
  assert.ok(belongsElsewhere(target("textarea")));
  assert.ok(belongsElsewhere(target("dialog")));
  assert.ok(!belongsElsewhere(target("div")));
  assert.ok(!belongsElsewhere(null));
});

test("Space and Enter press the button that has the focus; letters do not", () => {
  assert.ok(pressesControl(pressed(" ", { target: target("button") })));
  assert.ok(!pressesControl(pressed("n", { target: target("button") })));
  assert.ok(!pressesControl(pressed("Enter", { ctrlKey: true, target: target("button") })));
});

test("a listener runs the command with its arguments and takes the key from the browser", () => {
  const ran = [];
  const doc = new EventTarget();
  const stop = listen(doc, { run: (...args) => ran.push(args), modes: () => [] });
  const event = Object.assign(new Event("keydown", { cancelable: true }), pressed("ArrowRight", { shiftKey: true }));
  doc.dispatchEvent(event);
  assert.deepEqual(ran, [["step", 10]]);
  assert.ok(event.defaultPrevented);
  stop();
  doc.dispatchEvent(Object.assign(new Event("keydown"), pressed("n")));
  assert.equal(ran.length, 1);
});

test("chords are printed as people read them", () => {
  assert.equal(printed("Ctrl+Shift+z"), "Ctrl Shift Z");
  assert.equal(printed("+"), "+");
  assert.equal(keyFor("hide", "occluded"), "Shift X");
  assert.equal(keyFor("no such command"), "");
});

const keyEvent = (name, more) => Object.assign(new Event(name, { cancelable: true }), pressed(more.key, more));

test("Space plays when it is let go, unless something was dragged while it was held", () => {
  const ran = [];
  const doc = new EventTarget();
  const stop = listen(doc, { run: (name) => ran.push(name), modes: () => [] });
  doc.dispatchEvent(keyEvent("keydown", { key: " " }));
  doc.dispatchEvent(keyEvent("keydown", { key: " ", repeat: true }));
  assert.deepEqual(ran, []);
  doc.dispatchEvent(keyEvent("keyup", { key: " " }));
  assert.deepEqual(ran, ["toggle"]);
  doc.dispatchEvent(keyEvent("keydown", { key: " " }));
  doc.dispatchEvent(new Event("pointerdown"));
  doc.dispatchEvent(keyEvent("keyup", { key: " " }));
  assert.deepEqual(ran, ["toggle"]);
  stop();
});
