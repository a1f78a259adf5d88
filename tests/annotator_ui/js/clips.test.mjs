import assert from "node:assert/strict";
import { test } from "node:test";

import { createClips } from "../../../annotator_ui/static/clips.js";
import { createStore, initial } from "../../../annotator_ui/static/state.js";

globalThis.MutationObserver = class { constructor(told) { this.told = told; } observe(list) { list.changed = this.told; } };

const line = (clip) => ({ dataset: { clip }, marked: {}, setAttribute(name, value) { this.marked[name] = value; }, removeAttribute(name) { delete this.marked[name]; }, closest() { return this; } });

/** A document with as much as the list needs: lines that others make, and the button that asks for them anew. */
function page() {
  const list = {};
  const there = { lines: [line("a"), line("b")], asked: 0, opened: [], list };
  const made = {
    addEventListener(_, heard) { there.click = (target) => heard({ target }); },
    querySelectorAll: () => there.lines,
    getElementById: (id) => (id === "clips" ? list : { click() { there.asked += 1; } }),
  };
  const store = createStore(initial());
  createClips(made, { store, run: (...command) => there.opened.push(command) });
  return { ...there, store, there, current: () => there.lines.filter((each) => each.marked["aria-current"]).map((each) => each.dataset.clip) };
}

test("the line of the open clip is marked, also when the list is made anew, and none when no clip is open", () => {
  const { store, there, current, list } = page();
  store.set({ clipId: "b" });
  assert.deepEqual(current(), ["b"]);
  there.lines = [line("b"), line("a")];
  list.changed();
  assert.deepEqual(current(), ["b"]);
  store.set({ clipId: null });
  assert.deepEqual(current(), []);
});

test("a click on a line opens its clip, also the one that was open before, but not the one that is open", () => {
  const { store, there } = page();
  there.click(there.lines[0]);
  store.set({ clipId: "a" });
  there.click(there.lines[0]);
  store.set({ clipId: null });
  there.click(there.lines[0]);
  there.click({ closest: () => null });
  assert.deepEqual(there.opened, [["open", "a"], ["open", "a"]]);
});

test("the list is asked for anew when a clip is opened, left, or goes on to another stage, and only then", () => {
  const { store, there } = page();
  const before = there.asked;
  store.set({ clipId: "a" });
  store.set({ clip: { stage: "pre-annotated" } });
  store.set({ clip: { stage: "pre-annotated", other: 1 } });
  store.set({ clip: { stage: "in correction" } });
  store.set({ clipId: null, clip: null });
  assert.equal(there.asked - before, 4);
});
