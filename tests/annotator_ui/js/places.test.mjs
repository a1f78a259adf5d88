import assert from "node:assert/strict";
import { test } from "node:test";

import { createPlaces } from "../../../annotator_ui/static/places.js";
import { createStore, initial } from "../../../annotator_ui/static/state.js";

const clip = (id) => ({ id, frames: 100, rate: [30, 1], width: 640, height: 360, stage: "pre-annotated" });

/** A tab's storage. */
function storage() {
  const kept = new Map();
  return { kept, getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
}

test("a reload finds the frame and the ball of each clip, and how the picture looked", () => {
  const tab = storage();
  const store = createStore(initial());
  createPlaces({ store, storage: tab });
  store.set({ clip: clip("a") });
  store.set({ frame: 31, selected: 5 });
  store.set({ clip: clip("b"), frame: 7, selected: null });
  store.set({ display: { ...store.get().display, brightness: 1.6, only: true } });

  const again = createStore(initial());
  const places = createPlaces({ store: again, storage: tab });
  assert.deepEqual(places.of("a"), { frame: 31, selected: 5 });
  assert.deepEqual(places.of("b"), { frame: 7, selected: null });
  assert.equal(places.of("c"), null);
  assert.equal(again.get().display.brightness, 1.6);
  assert.equal(again.get().display.only, false); // one ball alone, without that ball chosen, would be an empty picture
});

test("what goes by while the clip plays, or is being opened, is no place to come back to", () => {
  const tab = storage();
  const store = createStore(initial());
  const places = createPlaces({ store, storage: tab });
  store.set({ clip: clip("a"), frame: 3 });
  store.set({ playing: true });
  store.set({ frame: 50 });
  assert.equal(places.of("a").frame, 3);
  store.set({ playing: false, opening: true, frame: 0 });
  assert.equal(places.of("a").frame, 3);
});

test("a storage that is full, forbidden or of another time only forgets", () => {
  const broken = { getItem: () => "{", setItem() { throw new Error("full"); } };
  const store = createStore(initial());
  const places = createPlaces({ store, storage: broken });
  store.set({ clip: clip("a"), frame: 3 });
  assert.equal(places.of("a"), null);
  assert.equal(createPlaces({ store, storage: undefined }).of("a"), null);
});
