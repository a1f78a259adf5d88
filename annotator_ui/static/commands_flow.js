/** Commands about the clip as a whole: open, be led, remark, submit, judge, go on with the next. */

import { clipPath } from "./api.js";
import { createLooking } from "./looking.js";
import { boxIn } from "./meaning.js";
import { inReview, mayTakeOver, nextVisit, readOnly, visitsLeft } from "./state.js";
import { fitted } from "./view.js";

const CLOSER = 1.05; // more than this much larger than the whole picture is close

/** @param {object} context {store, stage, toasts, ui, actions, api, session, run, tab} */
export function flowCommands(context) {
  const { store, ui, session, toasts, actions, api } = context;
  return {
    open: (clip, frame = null) => (clip ? session.open(clip, frame) : null),
    next: () => goNext(context, store.get().reviewing ? "review" : "annotate"),
    nextClip: () => goNext(context, "annotate"),
    nextReview: () => goNext(context, "review"),
    takeOver: async () => {
      const taken = mayTakeOver(store.get()) && await ui.confirm({
        title: "Take this clip over?",
        text: `${store.get().claim.user ?? "Somebody"} has it open and can change nothing more once you take it. Nothing that was done is lost.`,
        yes: "Take over",
      });
      return taken ? session.claim({ force: true }) : null;
    },
    async logout() {
      try { await api.post("/logout"); } catch (error) { toasts.error(error.message); }
      globalThis.location.assign("/login");
    },
    escape: () => escape(context),
    reload: () => actions.reload().catch((error) => actions.refused(error)),
    ...led(context), ...moves(context), ...remarks(context), ...answers(context),
  };
}

/** Go on with the next clip; where there is none, `leave` a clip that is done with, so that others can take it. */
async function goNext({ store, api, toasts, run, session }, mode, { leave = false } = {}) {
  try {
    const found = await api.get("/next", { after: store.get().clipId, mode });
    store.set({ reviewing: mode === "review" });
    if (!found.clip) {
      if (leave) session.close();
      store.set({ queue: found.why || "nothing more is waiting" });
      return toasts.say(store.get().queue);
    }
    await run("open", found.clip);
    return store.set({ reviewing: mode === "review" });
  } catch (error) { return toasts.error(error.message); }
}

/** Esc takes back the innermost thing that is on. */
function escape({ store, stage, run }) {
  const state = store.get();
  if (stage.hand.cancel()) return null;
  if (state.pick) return state.pick.done(null);
  if (state.cursor) return run("cursor", false);
  if (state.adding) return store.set({ adding: false });
  if (state.progress) return run("stop");
  return run("select", null);
}

/** Where a person should look. */
function led(context) {
  const { store, stage, toasts, run } = context;
  const looking = createLooking(context);
  function go(visit) {
    looking.done();
    const track = visit.doubts[0]?.track;
    stage.player.pause();
    stage.player.seek(visit.frame);
    const { trail } = store.get();
    store.set({ visit, trail: trail.some(({ frame }) => frame === visit.frame) ? trail : [...trail, visit] });
    looking.begin(visit);
    run("select", track || null);
    if (stage.view.now.scale > CLOSER * fitted(stage.view.now.picture, stage.view.now.screen).scale) lookAt(visit.frame, track);
  }
  /** Whoever has gone close stays close, at the ball in doubt. */
  function lookAt(frame, track) {
    const box = boxIn(stage.rowAt(frame), track);
    if (!box) return stage.view.fit();
    const [x, y, width, height] = box;
    return stage.view.centerOn([x, y, x + width, y + height]);
  }
  return {
    nextVisit() {
      looking.done();
      const { doubts } = store.get();
      if (doubts.computing && !doubts.all.length) return toasts.say("the program is still looking for doubtful places; the time line shows them as soon as they are known");
      const found = nextVisit(store.get(), 1) ?? visitsLeft(store.get())[0]; // the last one again, until it has been seen
      if (found) return go(found);
      return toasts.say(doubts.all.length ? "every doubtful place has been looked at: Ctrl-Enter submits the clip"
        : "nothing doubtful in this clip: play it once, then Ctrl-Enter submits it");
    },
    previousVisit() {
      const found = nextVisit(store.get(), -1);
      return found ? go(found) : toasts.say("this is the first doubtful place");
    },
    visit: go,
  };
}

/** Submit, accept, reject, reopen. */
function moves(context) {
  const { store, ui, toasts, actions, api, run, tab } = context;
  async function move(name, note = "") {
    const { clipId, head } = store.get();
    const done = await actions.inTurn(async () => {
      try { return await api.post(clipPath(clipId, "/move"), { tab, move: name, head, note }); } catch (error) {
        await actions.refused(error);
        return null;
      }
    });
    if (done) store.set({ clip: { ...store.get().clip, stage: done.stage } });
    return done;
  }
  async function judged(name, note, said) {
    const clip = store.get().clipId;
    if (!await move(name, note)) return;
    toasts.say(`${clip} is ${said}`);
    await goNext(context, "review", { leave: true });
  }
  const refuse = () => {
    const { me, clip } = store.get();
    if (!clip) return "open a clip first";
    if (!["reviewer", "lead"].includes(me?.role)) return "only a reviewer or a lead gives verdicts; you submit with Ctrl-Enter";
    return inReview(store.get()) ? "" : `this clip is ${clip.stage}: a verdict is for submitted clips`;
  };
  return {
    async submit() {
      const why = readOnly(store.get());
      if (why) return toasts.say(why);
      const answer = await ui.submit({ state: store.get(), left: visitsLeft(store.get()).length });
      if (!answer) return null;
      const clip = store.get().clipId;
      if (!await move("submit", answer.note)) return null;
      toasts.say(`${clip} is submitted`);
      return goNext(context, "annotate", { leave: true });
    },
    async accept() { return refuse() ? toasts.say(refuse()) : judged("accept", "", "accepted"); },
    async reject() {
      if (refuse()) return toasts.say(refuse());
      const reason = await ui.reason();
      return reason ? judged("reject", reason, "rejected") : null;
    },
    reopen: async () => (await move("reopen") ? run("open", store.get().clipId) : null),
  };
}

/** Pins. */
function remarks({ store, ui, toasts, api, now }) {
  const change = (pins) => store.set({ pins });
  return {
    async pin() {
      const { clipId, frame, selected } = now();
      if (!clipId) return;
      const text = await ui.pin({ state: now() });
      if (!text) return;
      try {
        const made = await api.post(clipPath(clipId, "/pins"), { frame, track: selected ?? 0, text });
        change([...store.get().pins.filter((pin) => pin.id !== made.id), made]);
        toasts.say("the remark is on the strip");
      } catch (error) { toasts.error(error.message); }
    },
    async resolvePin(id) {
      try {
        const made = await api.post(`/pins/${id}/resolve`);
        change(store.get().pins.map((pin) => (pin.id === id ? { ...pin, ...made } : pin)));
      } catch (error) { toasts.error(error.message); }
    },
  };
}

/** What the server asks: accepted frames that would change, work that was cut short. */
function answers({ store, stage, actions }) {
  return {
    async answerProposal(answer) {
      const { proposal } = store.get();
      if (!proposal) return;
      stage.showDiff(null);
      store.set({ proposal: null });
      await actions.answer("/proposal", { seq: proposal.seq, answer });
    },
    async answerUnfinished(answer) {
      const { unfinished } = store.get();
      if (!unfinished) return;
      store.set({ unfinished: null });
      await actions.answer("/unfinished", { seq: unfinished.seq, answer });
    },
  };
}
