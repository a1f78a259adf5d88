/**
 * What the page knows, in one place that others watch. Pure but for telling the watchers; knows no server and no screen.
 */

/** What is known before a clip is open. */
export function initial() {
  return {
    me: null, clipId: null, clip: null, head: null, tracks: [], labels: [], session: emptySession(),
    pins: [], looked: [], doubts: { revision: null, computing: false, visits: [], all: [] },
    video: { url: null, ready: false, progress: 0 }, claim: null, unfinished: null, proposal: null, history: null,
    frame: 0, playing: false, selected: null, tool: "point", speed: 1, loop: { in: null, out: null, on: false },
    display: { masks: "outline", only: false, brightness: 1, labels: true, brush: 4 },
    cursor: null, pick: null, adding: false, progress: null, link: true, model: { state: "ready", why: "" },
    opening: false, busy: 0, visit: null, trail: [], reviewing: false, painted: 0, queue: null,
  };
}

function emptySession() {
  return { undo: null, redo: null, pending: {}, prompts: [], hidden: [], confirmed: [], counts: {}, next_track: 1, running: null };
}

/**
 * Make the store.
 * @param {object} [start]
 */
export function createStore(start = initial()) {
  let state = start;
  const watchers = new Set();
  return {
    get: () => state,
    /** Change what is given; watchers of what really changed are told. */
    set(patch) {
      const changed = Object.keys(patch).filter((name) => state[name] !== patch[name]);
      if (!changed.length) return;
      state = { ...state, ...patch };
      for (const [names, told] of [...watchers]) {
        if (!names || changed.some((name) => names.has(name))) told(state, changed);
      }
    },
    /**
     * Be told when one of these changes (of anything, for null), and once now.
     * @returns {() => void} stop
     */
    watch(names, told) {
      const watcher = [names && new Set(names), told];
      watchers.add(watcher);
      told(state, names ?? Object.keys(state));
      return () => watchers.delete(watcher);
    },
  };
}

/** Return what STATE of the server changes: everything about the clip, and where the person is stays. */
export function fromServer(found) {
  return {
    clip: found.clip, clipId: found.clip.id, head: found.head, tracks: found.tracks, labels: found.labels,
    session: found.session, pins: found.pins, looked: found.looked, doubts: found.doubts, video: found.video,
    claim: found.claim, unfinished: found.unfinished, proposal: found.proposal, history: found.history ?? null,
    progress: found.session.running, opening: false,
  };
}

/** Return what a new clip starts with: nothing of the clip before. */
export function cleared(state) {
  const { me, display, link, model } = state;
  return { ...initial(), me, display: { ...display, only: false }, link, model };
}

/** Return what an answer or a "state" event changes; what it leaves out stays. */
export function fromAnswer(answer, clip = null) {
  const patch = {};
  if (clip && answer.stage && answer.stage !== clip.stage) patch.clip = { ...clip, stage: answer.stage };
  for (const name of ["head", "tracks", "session"]) if (answer[name] !== undefined) patch[name] = answer[name];
  if (answer.session) patch.progress = answer.session.running ?? null;
  return patch;
}

const CORRECTABLE = new Set(["ingested", "pre-annotated", "in correction", "rejected"]);

/** Say why this clip cannot be changed here and now, or "" if it can. */
export function readOnly(state) {
  if (!state.clip) return "no clip is open";
  if (state.claim && !state.claim.held && state.claim.user) {
    return `${state.claim.user ?? "somebody else"} works on this clip; you see what is stored and change nothing`;
  }
  if (!CORRECTABLE.has(state.clip.stage)) {
    const next = state.clip.stage === "accepted" ? "reopen it to correct it" : "accept (A) or reject (R) it, or take it back";
    return `this clip is ${state.clip.stage}: ${next}`;
  }
  return "";
}

/** Say whether a verdict is wanted: the clip is submitted, and this person may judge. */
export const inReview = (state) =>
  state.clip?.stage === "submitted" && ["reviewer", "lead"].includes(state.me?.role ?? "");

/** Return the rejection that still stands: its reason is what a correction is about. Null where there is none. */
export const rejection = (state) =>
  (state.history?.move === "reject" && ["rejected", "in correction"].includes(state.clip?.stage) ? state.history : null);

/** Say whether this person may take the clip over from its holder: a lead from anybody, everybody from oneself. */
export const mayTakeOver = (state) =>
  Boolean(state.claim && !state.claim.held && state.claim.user && (state.me?.role === "lead" || state.claim.user === state.me?.user));

/** Return a track by its id, or undefined. */
export const trackOf = (state, id) => state.tracks.find((track) => track.id === id);

/** Return a ball's name: "#5 red"; a bare number would look like the one printed on the ball. */
export const nameOf = (state, id) => {
  const track = trackOf(state, id);
  return track ? `#${track.id} ${track.label}` : `#${id}`;
};

/** Return the range that is marked, half-open, or null; a range without an end goes to the clip's. */
export function range(state) {
  const { in: start, out: stop } = state.loop;
  if (start === null && stop === null) return null;
  const [first, last] = [start ?? 0, stop ?? state.clip.frames];
  return first < last ? [first, last] : null;
}

/** Return the frames that wait to be propagated, by track: {"5": [120, 130]}; empty where nothing waits. */
export const pending = (state) => state.session.pending ?? {};

/** Say whether a doubt has been looked at: its worst frame, of its track or of all. */
export const isLooked = (looked, doubt) => looked.some(([start, stop, track]) =>
  start <= doubt.frame && doubt.frame < stop && (track === 0 || track === doubt.track));

/** Return the visits with a doubt that nobody has looked at, the gravest first. */
export const visitsLeft = (state) =>
  state.doubts.visits.filter((visit) => !visit.doubts.every((doubt) => isLooked(state.looked, doubt)));

/**
 * Return the visit to go to: the gravest left, but for the one where we are; back: the one we came from.
 * @param {object} state
 * @param {1|-1} way
 */
export function nextVisit(state, way) {
  const here = state.visit?.frame;
  if (way > 0) return visitsLeft(state).find((visit) => visit.frame !== here) ?? null;
  return state.trail[state.trail.findIndex((visit) => visit.frame === here) - 1] ?? null;
}

/** Return how many doubts about each track nobody has looked at: {5: 2}. */
export function doubtCounts(state) {
  const counts = {};
  for (const doubt of state.doubts.all) {
    if (!isLooked(state.looked, doubt)) counts[doubt.track] = (counts[doubt.track] ?? 0) + 1;
  }
  return counts;
}

/** Say what a ball is on a frame: "here", "absent", "occluded" (a person said so) or "" (no mask). */
export function visibility(state, row, track) {
  const said = state.session.hidden.find((each) => each.frame === state.frame && each.track === track);
  if (said) return said.why;
  return row?.some(([id, , , width]) => id === track && width > 0) ? "here" : "";
}
