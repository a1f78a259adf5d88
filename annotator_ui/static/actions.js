/**
 * Sends what a person does, strictly one after the other, each with the newest revision that the page knows.
 * Knows the order and what to do when the server refuses; refuses to know what the actions are.
 */

import { clipPath } from "./api.js";
import { fromAnswer, fromServer } from "./state.js";

/**
 * Make the sender of actions.
 * @param {object} context  {store, api, stage, presence, toasts, tab, claim}
 */
export function createActions({ store, api, stage, presence, toasts, tab, claim }) {
  let last = Promise.resolve();

  /** Do `work` when everything before it is done. */
  const inTurn = (work) => {
    store.set({ busy: store.get().busy + 1 });
    const done = last.then(work).finally(() => store.set({ busy: store.get().busy - 1 }));
    last = done.catch(() => {});
    return done;
  };

  /** Fetch the truth about the open clip, and show it. */
  async function reload() {
    const { clipId } = store.get();
    if (!clipId) return;
    const found = await api.get(clipPath(clipId), { tab });
    if (store.get().clipId !== clipId) return; // another clip was opened meanwhile
    show(fromServer(found));
    stage.refresh(null);
  }

  /** Change the state, and tell the stage what it must draw differently. */
  function show(patch) {
    store.set(patch);
    if (patch.tracks) stage.setTracks(patch.tracks);
    const { selected, tracks } = store.get();
    if (selected !== null && !tracks.some(({ id }) => id === selected)) { // it was taken back
      store.set({ selected: null });
      stage.select(null);
    }
    if (patch.session) stage.setPrompts(patch.session.prompts);
  }

  /** Show what an answer or an event says: new masks where it brings them, others are loaded anew. */
  function apply(answer) {
    show(fromAnswer(answer, store.get().clip));
    const rows = answer.rows ?? {};
    const left = without(answer.changed ?? [], Object.keys(rows).map(Number));
    if (left.length) {
      stage.refresh(left);
      presence.forget(left);
    }
    paint(rows);
  }

  /** Show rows that came by themselves: {"120": row}. */
  function paint(rows) {
    if (!Object.keys(rows).length) return;
    stage.putRows(rows);
    for (const [frame, row] of Object.entries(rows)) presence.put(Number(frame), [row]);
    store.set({ painted: presence.version() });
  }

  /** Say that something was refused; where the page is behind, catch up. */
  async function refused(error) {
    if (error.status === 423) {
      await claim(); // it may only have run out, in a tab that slept
      toasts.error(store.get().claim?.held ? "Your hold on this clip had run out; it is yours again. Please do that once more." : error.message);
      return;
    }
    toasts.error(error.status === 409 && error.kind === "StaleParent"
      ? "The clip changed meanwhile; the page shows it as it is now. Please do that again." : error.message);
    if (error.status === 409 || error.status === 503 || error.status === 0) await reload().catch(() => {});
    if (error.status === 401) location.assign("/login");
  }

  async function post(path, body) {
    const { clipId } = store.get();
    try {
      const answer = await api.post(clipPath(clipId, path), { tab, ...body() });
      if (store.get().clipId === clipId) apply(answer ?? {});
      return answer;
    } catch (error) {
      stage.setPrompts(store.get().session.prompts); // what was drawn at once did not count
      await refused(error);
      return null;
    }
  }

  return {
    /** Perform an action; return the server's answer, or null when it was refused (and the person was told). */
    send: (action) => inTurn(() => post("/actions", () => ({ head: store.get().head, action }))),
    /** Answer something that the server asks. */
    answer: (path, body) => inTurn(() => post(path, () => body)),
    inTurn, reload, apply, paint, refused, show,
    /** Resolve when nothing is under way. */
    idle: () => last,
  };
}

/** Return half-open ranges without some frames. */
export function without(ranges, frames) {
  const gone = new Set(frames);
  const left = [];
  for (const [start, stop] of ranges) {
    if (![...gone].some((frame) => start <= frame && frame < stop)) { left.push([start, stop]); continue; }
    let from = null;
    for (let frame = start; frame <= stop; frame += 1) {
      const kept = frame < stop && !gone.has(frame);
      if (kept && from === null) from = frame;
      if (!kept && from !== null) { left.push([from, frame]); from = null; }
    }
  }
  return left;
}

/** Return frames as half-open ranges, in order. */
export function stretches(frames) {
  const found = [];
  for (const frame of [...frames].sort((one, other) => one - other)) {
    if (found.length && found.at(-1)[1] === frame) found.at(-1)[1] += 1;
    else found.push([frame, frame + 1]);
  }
  return found;
}
