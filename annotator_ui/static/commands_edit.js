/** Commands that change masks or what is in force: each sends one action. */

import { trackAt } from "./hit.js";
import { boxIn, lost, ofBox, ofPoint } from "./meaning.js";
import { nameOf, pending, range, readOnly } from "./state.js";

/** @param {object} context {store, stage, toasts, ui, actions, api, run, now} */
export function editCommands(context) {
  const { store, actions, now } = context;
  /** Do nothing but say why where the clip cannot be changed. */
  const guarded = (work) => (...args) => {
    const why = readOnly(store.get());
    return why ? context.toasts.say(why) : work(...args);
  };
  const own = { ...prompting(context), ...spreading(context), ...identity(context) };
  return Object.fromEntries(Object.entries({
    ...own,
    undo: () => (leftMode(store) ? context.toasts.say("cancelled; nothing was changed") : back(context, "undo")),
    redo: () => back(context, "redo"),
    confirm: () => actions.send({ kind: "confirm", frames: here(now()), on: true }),
    unconfirm: () => actions.send({ kind: "confirm", frames: here(now()), on: false }),
  }).map(([name, work]) => [name, ["point", "box", "stop"].includes(name) ? work : guarded(work)]));
}

/** Undo or redo, and say what it was. */
async function back({ store, actions, toasts }, kind) {
  const what = store.get().session[kind];
  if (!what) return toasts.say(`nothing to ${kind}`);
  const done = await actions.send({ kind });
  return done && toasts.say(`${kind === "undo" ? "undone" : "done again"}: ${what}`);
}

/** Leave what waits for a click in the picture; say whether there was any. */
function leftMode(store) {
  const { pick, adding } = store.get();
  if (pick) pick.done(null);
  else if (adding) store.set({ adding: false });
  return Boolean(pick || adding);
}

/** Return the marked range, or this frame. */
const here = (state) => range(state) ?? [state.frame, state.frame + 1];

/** Return the chosen ball, or null after saying that one must be chosen. */
function chosen({ store, toasts }) {
  const { selected } = store.get();
  if (selected === null) toasts.say("choose a ball first: click it, type its number, or [ and ]");
  return selected;
}

/** Clicks, boxes, strokes, hidden balls, new balls. */
function prompting(context) {
  const { store, stage, toasts, actions, ui, run, now } = context;

  async function ask(prompt, frame) {
    stage.player.pause();
    const answer = await ui.pickClass({ state: store.get(), lost: store.get().adding ? [] : lost(store.get(), stage.rowAt(frame)), side: farSide(store.get(), prompt) });
    store.set({ adding: false });
    if (!answer) return stage.setPrompts(store.get().session.prompts); // no dot without an answer
    const track = answer.track ?? store.get().session.next_track;
    const done = await prompted(frame, track, { ...prompt, ...(answer.label ? { label: answer.label } : {}) });
    return done && run("select", track);
  }

  /** Send a prompt; say so where the model saw no ball there. */
  async function prompted(frame, track, prompt) {
    const done = await actions.send({ kind: "prompt", frame, track, ...prompt });
    const row = stage.rowAt(frame);
    if (done && prompt.point?.[2] && boxIn(row, track) && !onMask(row, track, prompt.point)) {
      toasts.say(`the mask of ${nameOf(store.get(), track)} is not where you clicked: Ctrl-Z, or drag a box around the ball (B)`);
    }
    if (!done || boxIn(row, track)) return done;
    stage.setPrompts(store.get().session.prompts);
    toasts.say("the model sees no ball there: drag a box around it (B), or paint it (P)");
    return done;
  }

  function act(meaning, prompt, frame) {
    switch (meaning.do) {
      case "prompt":
        if (store.get().selected !== meaning.track) run("select", meaning.track);
        return prompted(frame, meaning.track, prompt);
      case "select": return run("select", meaning.track);
      case "pick": return store.get().pick.done(meaning.track);
      case "ask": return ask(prompt, frame);
      default: return toasts.say(meaning.why);
    }
  }

  return {
    point: ({ frame, x, y, positive, hit = null }) =>
      act(ofPoint(store.get(), stage.rowAt(frame), { x, y, positive, hit }), { point: [x, y, positive] }, frame),
    box: ({ frame, box }) => act(ofBox(store.get(), stage.rowAt(frame), box), { box }, frame),
    stroke: ({ frame, track, mask }) => actions.send({ kind: "prompt", frame, track, mask }),
    async hide(why) {
      const track = chosen(context);
      if (track === null) return null;
      const { frame } = now();
      const done = await actions.send({ kind: "hide", frame, track, why });
      return done && toasts.say(`${nameOf(store.get(), track)} is ${why} on frame ${frame}`);
    },
    newBall() {
      store.set({ adding: true });
      run("select", null);
      store.set({ adding: true });
      run("tool", "point");
    },
    ...cursor(context),
  };
}

/** Say whether a track's own mask holds a point, or all but touches it. */
function onMask(row, track, [x, y]) {
  return trackAt(row.filter(([id, , , width]) => id === track && width > 0), x, y, { reach: 1 }) !== null;
}

/** Return the side of the page where a question does not hide what it is about. */
function farSide({ clip }, { point, box }) {
  const x = point ? point[0] : (box[0] + box[2]) / 2;
  return x < clip.width / 2 ? "right" : "left";
}

/** A cursor that the arrow keys move, for clicks, boxes and dabs without a mouse: the stage's cross. */
function cursor({ store, stage }) {
  const show = (pixel) => {
    store.set({ cursor: pixel });
    stage.hand.setCross(pixel);
  };
  return {
    cursor(on) {
      const { cursor: shown, clip, selected, frame } = store.get();
      if (shown || on === false) return show(null);
      const box = selected === null ? null : boxIn(stage.rowAt(frame), selected);
      const [x, y, width, height] = box ?? [0, 0, clip.width, clip.height];
      stage.player.pause();
      return show([Math.floor(x + width / 2), Math.floor(y + height / 2)]);
    },
    moveCursor(dx, dy) {
      const { cursor: [x, y], clip } = store.get();
      const within = (value, size) => Math.max(0, Math.min(size - 1, value));
      show([within(x + dx, clip.width), within(y + dy, clip.height)]);
    },
    clickCursor: (positive) => stage.hand.useCross(positive),
  };
}

/** Propagation: both ways, until it agrees with what was there, or within a range. */
function spreading({ store, actions, toasts, api, tab }) {
  const spread = (frames) => {
    const state = store.get();
    if (state.progress) return toasts.say("propagation is running: Esc stops it and keeps what is done");
    if (!Object.keys(pending(state)).length) return toasts.say("nothing to propagate: click a ball first, then Enter");
    return actions.send({ kind: "spread", tracks: null, frames });
  };
  return {
    spread: () => spread(null),
    spreadRange() {
      const frames = range(store.get());
      return frames ? spread(frames) : toasts.say("mark a range first: I where it starts, O where it ends");
    },
    async stop() { // not in turn: it must overtake what is under way
      try {
        await api.post(`/clips/${encodeURIComponent(store.get().clipId)}/stop`, { tab });
        toasts.say("stopped; what was done is kept");
      } catch (error) { await actions.refused(error); }
    },
  };
}

/** Repairs of identity: the chosen ball, from this frame on unless a range is marked. */
function identity(context) {
  const { store, actions, ui, toasts, now } = context;
  const edit = async (deed, track, frames, more = {}) => {
    const done = await actions.send({ kind: "edit", deed, track, frames, ...more });
    if (done) toasts.say(`done: ${done.session?.undo ?? deed} (Ctrl-Z takes it back)`);
    return done;
  };
  const onwards = (state) => range(state) ?? [state.frame, state.clip.frames];
  const every = (state) => [0, state.clip.frames];

  const withOther = (deed, text, frames) => async () => {
    const track = chosen(context);
    if (track === null) return null;
    const place = frames(now()); // where the person was when asking, not where they looked for the other ball
    const other = await ui.pickBall({ text: text(nameOf(store.get(), track)), not: track });
    return other === null ? null : edit(deed, track, place, { other });
  };
  const withLabel = (deed, title, frames) => async () => {
    const track = chosen(context);
    if (track === null) return null;
    const place = frames(now());
    const answer = await ui.pickClass({ state: store.get(), lost: [], title: title(nameOf(store.get(), track)), of: track });
    if (!answer) return null;
    const other = deed === "split" ? { other: store.get().session.next_track } : {};
    return edit(deed, track, place, { label: answer.label, ...other });
  };
  const SPANS = { from: (s) => [s.frame, s.clip.frames], to: (s) => [0, s.frame + 1], here: (s) => [s.frame, s.frame + 1], all: every, range: (s) => range(s) };
  return {
    swap: withOther("swap", (name) => `Click the ball to swap with ${name}, from here on`, onwards),
    merge: withOther("merge", (name) => `Click the ball that is the same as ${name}`, every),
    split: withLabel("split", (name) => `From here on ${name} is another ball. Which?`, onwards),
    relabel: withLabel("relabel", (name) => `${name} is really`, every),
    remove(span) {
      const track = chosen(context);
      if (track === null) return null;
      const frames = SPANS[span](now());
      return frames ? edit("delete", track, frames) : toasts.say("mark a range first: I where it starts, O where it ends");
    },
    fill() {
      const track = chosen(context);
      const frames = range(store.get());
      if (track === null) return null;
      return edit("fill", track, frames ?? gap(context, track));
    },
    menu: () => (chosen(context) === null ? null : ui.menu(now())),
  };
}

/** Return the frames around this one where a ball has no mask, as far as they are known. */
function gap({ now, stage }, track) {
  const { frame, clip } = now();
  const empty = (at) => { const row = stage.rowAt(at); return row !== undefined && !boxIn(row, track); };
  let [start, stop] = [frame, frame + 1];
  while (start > 0 && empty(start - 1)) start -= 1;
  while (stop < clip.frames && empty(stop)) stop += 1;
  return [start, stop];
}
