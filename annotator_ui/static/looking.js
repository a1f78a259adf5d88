/** When a doubtful place counts as looked at: not on landing, but when the person goes on, or has stayed a moment. */

import { clipPath } from "./api.js";
import { isLooked } from "./state.js";

const STAYED_MS = 1500;

/**
 * Make what watches a person look.
 * @param {object} context  {store, api, toasts}
 * @returns {{begin: (visit: object) => void, done: () => void}}
 */
export function createLooking({ store, api, toasts }) {
  let now = null; // {visit, clipId, there, timer}: the visit that is being looked at

  /** What is being looked at counts as seen, here and on the server; before it was on the screen it does not. */
  function done() {
    if (!now) return;
    const { visit, clipId, there, timer } = now;
    now = null;
    clearTimeout(timer);
    const { looked, clipId: open } = store.get();
    if (!there || open !== clipId) return;
    const seen = visit.doubts.filter((doubt) => !isLooked(looked, doubt)).map((doubt) => [doubt.frame, doubt.frame + 1, doubt.track]);
    store.set({ looked: [...looked, ...seen] });
    for (const [start, stop, track] of seen) {
      api.post(clipPath(clipId, "/look"), { start, stop, track }).catch((error) => toasts.error(error.message));
    }
  }

  function follow({ frame, clipId }) {
    if (!now) return;
    const here = clipId === now.clipId && frame === now.visit.frame;
    if (here && !now.there) {
      now.there = true;
      now.timer = setTimeout(done, STAYED_MS);
    } else if (!here && (now.there || clipId !== now.clipId)) done();
  }

  store.watch(["frame", "clipId"], follow);
  return {
    done,
    begin(visit) {
      now = { visit, clipId: store.get().clipId, there: false, timer: 0 };
      follow(store.get());
    },
  };
}
