/** One open clip: its claim with the heartbeat, its stream of events, its pictures kept warm. */

import { address, clipPath } from "./api.js";
import { cleared, fromServer } from "./state.js";

const HEARTBEAT_MS = 10_000;
const PATIENCE_MS = [300, 600];
const REST_MS = 150;
const SURVEY_MS = 1500;
const SURVEYED = 300;

/**
 * Make what opens and closes clips.
 * @param {object} context {store, api, stage, toasts, actions, presence, tab}
 */
export function createSession(context) {
  const { store, api, stage, toasts, actions, tab } = context;
  let stop = () => {};
  let opened = 0;

  async function claim({ force = false } = {}) {
    const { clipId } = store.get();
    try {
      const claimed = await api.post(clipPath(clipId, "/claim"), { tab, ...(force ? { force } : {}) });
      if (store.get().clipId !== clipId) return;
      const before = store.get().claim;
      if (!before || before.held !== claimed.held || before.user !== claimed.user) store.set({ claim: claimed });
      if (force || (claimed.held && before && !before.held)) await actions.reload();
    } catch (error) {
      if (error.status === 401) globalThis.location.assign("/login");
      else if (error.status !== 0) toasts.error(error.message); // a server that is gone is said by the link
    }
  }

  /** Claim a clip that is being opened; one that we hold ourselves elsewhere may be just let go by the page before this one. */
  async function claimed(turn) {
    for (const wait of PATIENCE_MS) {
      await claim();
      const { claim: now, me } = store.get();
      if (turn !== opened || now?.held || !now || now.user !== me?.user) return;
      await new Promise((done) => { setTimeout(done, wait); });
    }
    await claim();
  }

  function release() {
    const { clipId } = store.get(); // also where the claim is still being asked for; one of others stays theirs
    if (clipId) api.remove(clipPath(clipId, "/claim"), { tab }, { keepalive: true }).catch(() => {});
  }

  async function open(clip, frame) {
    const turn = opened += 1;
    release();
    stop();
    store.set({ ...cleared(store.get()), clipId: clip, opening: true });
    try {
      await claimed(turn);
      const found = await api.get(clipPath(clip), { tab });
      if (turn !== opened) return; // another clip was asked for meanwhile
      context.presence.clear(found.clip.frames);
      const before = context.places?.of(clip);
      show(context, found, clip);
      const place = frame ?? before?.frame;
      if (place !== null && place !== undefined) stage.player.seek(Math.max(0, Math.min(found.clip.frames - 1, Number(place) || 0)));
      if (before?.selected) context.run("select", before.selected);
      remember(clip);
      stop = watch(context, clip, { claim, again: () => actions.reload().catch((error) => actions.refused(error)) });
    } catch (error) {
      if (turn !== opened) return;
      store.set({ clipId: null, opening: false });
      toasts.error(error.message);
      if (error.status === 401) globalThis.location.assign("/login");
    }
  }

  /** Leave the clip; none is open then. */
  function close() {
    opened += 1;
    release();
    stop();
    stop = () => {};
    stage.close();
    store.set(cleared(store.get()));
    remember(null);
  }

  return { open, close, claim, release };
}

function show({ store, api, stage, presence }, found, clip) {
  const { proposal, ...patch } = fromServer(found);
  store.set(patch);
  const { frames, rate, width, height } = found.clip;
  stage.open({
    frames, rate, width, height,
    videoUrl: found.video.ready ? found.video.url : null,
    posterUrl: (at) => address(clipPath(clip, `/frames/${at}.jpg`)),
    loadRows: async (start, end) => {
      const { head } = store.get();
      if (head === null) return Array.from({ length: end - start }, () => []);
      const rows = (await api.get(clipPath(clip, "/masks"), { revision: head, start, stop: end })).frames;
      presence.put(start, rows);
      store.set({ painted: presence.version() });
      return rows;
    },
  });
  stage.setTracks(patch.tracks);
  stage.setPrompts(patch.session.prompts);
  stage.setDisplay(store.get().display);
  stage.setTool(store.get().tool);
  stage.select(null);
  store.set({ proposal }); // last: it goes to the frames that would change
}

/** Keep the address of the page at the open clip, so that a reload comes back to it; null: none is open. */
function remember(clip) {
  const url = new URL(globalThis.location.href);
  if (clip === null) url.searchParams.delete("clip");
  else url.searchParams.set("clip", clip);
  url.searchParams.delete("frame");
  globalThis.history.replaceState(null, "", url);
}

/** Listen to the clip until it is closed; return what ends that. */
function watch({ store, api, presence, tab, toasts, onEvent }, clip, { claim, again }) {
  const idle = setInterval(() => survey({ store, api, presence }, clip), SURVEY_MS);
  const beat = setInterval(() => claim(), HEARTBEAT_MS);
  let rest = 0;
  let warmed = -1;
  const warm = store.watch(["frame", "playing"], ({ frame, playing }) => {
    clearTimeout(rest);
    if (playing || frame === warmed) return;
    rest = setTimeout(() => {
      warmed = frame;
      api.post(clipPath(clip, "/warm"), { frame }).catch(() => {}); // only a hint: without it the click is slower
    }, REST_MS);
  });
  const silent = api.events(clip, tab, {
    onEvent,
    onLink: (up, before) => {
      const was = store.get().link;
      store.set({ link: up });
      if (up && before) again(); // what was said meanwhile was missed
      if (up && !was) toasts.say("the server is back");
    },
  });
  return () => { clearInterval(beat); clearInterval(idle); clearTimeout(rest); warm(); silent(); };
}

/** Learn where the balls are on frames that nobody has been to, for the strip: a little at a time, while nothing else goes on. */
async function survey({ store, api, presence }, clip) {
  const { head, busy, playing, progress, painted } = store.get();
  const wanted = presence.unknown(SURVEYED);
  if (!wanted || head === null || busy || playing || progress) return;
  try {
    const found = await api.get(clipPath(clip, "/masks"), { revision: head, start: wanted[0], stop: wanted[1] });
    if (store.get().clipId !== clip || store.get().head !== head || store.get().painted !== painted) return; // newer rows came meanwhile
    presence.put(wanted[0], found.frames);
    store.set({ painted: presence.version() });
  } catch { /* the strip shows less; what matters is loaded by the stage, which says so */ }
}
