/** Commands that change what is seen, never what is stored. */

import { boxIn } from "./meaning.js";
import { range } from "./state.js";

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const DIGITS_MS = 700;
const CLOSE = 0.25; // of the stage that a ball fills when one goes close
const next = (list, value, way) => list[Math.max(0, Math.min(list.length - 1, list.indexOf(value) + way))];

/** @param {object} context {store, stage, toasts, ui, now} */
export function viewCommands({ store, stage, toasts, ui, now }) {
  const player = stage.player;
  const display = (patch) => {
    store.set({ display: { ...store.get().display, ...patch } });
    stage.setDisplay(store.get().display);
  };
  const speed = (way) => {
    store.set({ speed: next(SPEEDS, store.get().speed, way) });
    player.setSpeed(store.get().speed);
  };
  const setLoop = (patch) => {
    store.set({ loop: { ...store.get().loop, ...patch } });
    const state = store.get();
    player.setLoop(state.loop.on ? range(state) : null);
  };
  return {
    toggle: () => player.toggle(),
    step: (by) => player.step(by),
    seek: (frame) => player.seek(frame),
    first: () => player.seek(0),
    last: () => player.seek(store.get().clip.frames - 1),
    slower: () => speed(-1),
    faster: () => speed(1),
    loopIn: () => setLoop({ in: now().frame }),
    loopOut: () => setLoop({ out: now().frame + 1 }),
    loop: () => loop(store, player, setLoop, toasts),
    masks: () => display({ masks: { outline: "fill", fill: "off", off: "outline" }[store.get().display.masks] }),
    solo: () => (store.get().selected === null ? toasts.say("choose a ball first: click it, or type its number")
      : display({ only: !store.get().display.only })),
    labels: () => display({ labels: !store.get().display.labels }),
    brightness: (way) => display({ brightness: Math.round(10 * Math.max(0.4, Math.min(3, store.get().display.brightness + 0.2 * way))) / 10 }),
    brushSize: (way) => display({ brush: resized(store.get().display.brush, way) }),
    zoom: (factor) => stage.view.zoomAt(factor),
    fit: () => stage.view.fit(),
    pan: (x, y) => stage.view.panBy(-80 * x, -80 * y),
    centre: () => centre(now(), stage, toasts),
    tool: (name) => { store.set({ tool: name }); stage.setTool(name); },
    clips: () => ui.toggleClips(),
    help: () => ui.help(),
    ...selecting({ store, stage }),
  };
}

/** Return the next radius of the brush: always another one, by about a third, from one pixel to a hundred. */
export function resized(radius, way) {
  const next = way > 0 ? Math.max(radius + 1, Math.round(radius * 1.3)) : Math.min(radius - 1, Math.round(radius / 1.3));
  return Math.max(1, Math.min(100, next));
}

/** Return what an input that nobody can press twice by mistake does: mark, play over, clear. */
function loop(store, player, setLoop, toasts) {
  const { loop: now } = store.get();
  if (now.in === null && now.out === null) return toasts.say("mark a range first: I where it starts, O where it ends");
  if (!range(store.get())) return toasts.say("the range ends before it starts: mark it again with I and O");
  if (!now.on) {
    setLoop({ on: true });
    player.seek(range(store.get())[0]);
    return player.play();
  }
  return setLoop({ in: null, out: null, on: false });
}

function centre({ selected, frame }, stage, toasts) {
  const box = selected === null ? null : boxIn(stage.rowAt(frame), selected);
  if (!box) return toasts.say("choose a ball that has a mask on this frame");
  const [x, y, width, height] = box;
  const { scale, screen } = stage.view.now;
  stage.view.zoomAt((CLOSE * Math.min(screen.width, screen.height)) / Math.max(width, height) / scale);
  return stage.view.centerOn([x, y, x + width, y + height]);
}

/** Commands that choose a ball. */
function selecting({ store, stage }) {
  let typed = { digits: "", at: 0 };
  const select = (track) => {
    const known = track === null || store.get().tracks.some((each) => each.id === track);
    if (!known) return;
    if (store.get().pick && track !== null) { store.get().pick.done(track); return; }
    store.set({ selected: track, adding: false });
    stage.select(track);
  };
  const digit = (pressed) => {
    const now = performance.now();
    const text = (now - typed.at < DIGITS_MS ? typed.digits : "") + pressed;
    typed = { digits: text, at: now };
    const known = store.get().tracks.some((track) => track.id === Number(text));
    select(Number(known ? text : pressed));
  };
  return {
    select,
    selectNext(way) {
      const ids = store.get().tracks.map((track) => track.id);
      if (!ids.length) return;
      const at = ids.indexOf(store.get().selected);
      select(ids[at < 0 ? (way > 0 ? 0 : ids.length - 1) : (at + way + ids.length) % ids.length]);
    },
    digit,
    zero: () => (performance.now() - typed.at < DIGITS_MS ? digit("0") : stage.view.fit()),
  };
}
