/** What the server's events mean for the page. Knows each event; refuses to know how they come. */

import { stretches } from "./actions.js";

const HANDED_ON = new Set(["submitted", "rejected", "accepted"]);

/**
 * Return the handler of events.
 * @param {object} context {store, stage, toasts, actions}
 * @returns {(name: string, data: any) => void}
 */
export function createHappenings({ store, stage, toasts, actions }) {
  const live = new Set(); // frames that show what a propagation draws, whether it comes to be stored or not

  /** Show what is stored where masks were shown that may not have come to be. */
  const settle = () => {
    if (live.size) stage.refresh(stretches([...live]));
    live.clear();
  };
  const handlers = {
    state: (data) => {
      const before = store.get().clip?.stage;
      if (data.head !== store.get().head || data.session) actions.apply(data);
      if (HANDED_ON.has(data.stage) && data.stage !== before) actions.reload().catch((error) => actions.refused(error)); // what was said with it
    },
    drawn: (data) => {
      actions.paint(data.rows);
      for (const frame of Object.keys(data.rows)) live.add(Number(frame));
    },
    progress: (data) => store.set({ progress: data }),
    finished: (data) => {
      finished({ store, stage, toasts, actions }, data);
      settle();
    },
    proposal: (proposal) => {
      settle();
      store.set({ proposal, progress: null });
    },
    doubts: (data) => {
      const { head } = store.get();
      if (data.revision === undefined || data.revision === head || data.computing) {
        store.set({ doubts: { ...store.get().doubts, ...data } });
      }
    },
    video: (data) => {
      const before = store.get().video;
      store.set({ video: { ...before, ...data } });
      if (data.ready && !before.ready) stage.setVideo(data.url ?? before.url);
    },
    model: (model) => store.set({ model }),
    claim: (claim) => {
      const before = store.get().claim;
      store.set({ claim: { ...before, ...claim } });
      if (claim.held === false && before?.held) toasts.say(`${claim.user ?? "somebody else"} has taken this clip over`);
    },
  };
  return (name, data) => handlers[name]?.(data);
}

function finished({ store, stage, toasts, actions }, data) {
  if (store.get().proposal) stage.showDiff(null); // it was answered, here or in another tab
  store.set({ progress: null, proposal: null });
  if (data.error) {
    toasts.error(data.error);
    return;
  }
  actions.apply(data);
  if (!data.changed?.length) { toasts.say("propagated: every other mask agreed already"); return; }
  const frames = data.frames ?? data.changed.reduce((sum, [start, stop]) => sum + stop - start, 0);
  toasts.say(`${data.stopped ? "stopped; " : ""}${frames} frame${frames === 1 ? "" : "s"} changed${store.get().session.undo ? " (Ctrl-Z takes it back)" : ""}`);
}
