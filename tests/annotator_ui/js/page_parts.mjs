/** The page without a browser: the real controller and store, a stage that remembers, a server that answers as it is told. */

import { createController } from "../../../annotator_ui/static/controller.js";
import { createPresence } from "../../../annotator_ui/static/presence.js";
import { createStore, initial } from "../../../annotator_ui/static/state.js";
import { ApiError } from "../../../annotator_ui/static/api.js";

export const clip = { id: "a", frames: 100, rate: [30, 1], width: 640, height: 360, stage: "pre-annotated", split: "train" };
export const session = (more = {}) => ({ ...initial().session, next_track: 3, ...more });
export const row = [[1, 100, 100, 20, 20, "x", 1], [2, 300, 100, 20, 20, "x", 1]];
export const whole = (more = {}) => ({
  clip, head: 7, tracks: [{ id: 1, label: "red", color: "#f00" }, { id: 2, label: "blue", color: "#00f" }], labels: ["cue", "red"],
  session: session(), pins: [], looked: [], doubts: { revision: 7, computing: false, visits: [], all: [] },
  video: { url: "/v.mp4", ready: true, progress: 1 }, claim: { held: true, user: "ana", since: "" }, unfinished: null, proposal: null, ...more,
});

/** A stage that remembers what it was told, in order. */
class Stage extends EventTarget {
  told = [];

  constructor(rows = row) {
    super();
    this.rows = rows;
    for (const name of ["open", "close", "setTracks", "select", "refresh", "putRows", "setPrompts", "setTool", "setDisplay", "showDiff", "setVideo"]) {
      this[name] = (...args) => { this.told.push([name, ...args]); };
    }
    const at = (name) => (...args) => { this.told.push([`player.${name}`, ...args]); };
    this.player = Object.fromEntries(["seek", "step", "play", "pause", "toggle", "setSpeed", "setLoop"].map((name) => [name, at(name)]));
    this.cross = null;
    this.hand = { cancel: () => false, setCross: (pixel) => { this.cross = pixel; },
      useCross: (positive) => this.dispatchEvent(Object.assign(new Event("point"), { detail: { frame: 0, x: this.cross[0] + 0.5, y: this.cross[1] + 0.5, positive, hit: null } })) };
    this.view = Object.fromEntries(["zoomAt", "fit", "panBy", "centerOn"].map((name) => [name, at(name)]));
    this.view.now = { scale: 1, screen: { width: 800, height: 400 }, picture: { width: 640, height: 360 } };
  }

  rowAt() { return this.rows; }

  hit() { return null; }

  last(name) { return this.told.filter(([told]) => told === name).at(-1)?.slice(1); }
}

/** A server: `answers` by "METHOD /path" are values, functions of the body, or errors to throw. */
export function server(answers = {}) {
  const asked = [];
  let events = null;
  const answer = async (method, path, body) => {
    asked.push([`${method} ${path}`, body]);
    const found = answers[`${method} ${path}`];
    const value = typeof found === "function" ? await found(body) : found;
    if (value instanceof Error) throw value;
    return value ?? {};
  };
  return {
    asked, answers,
    sent: () => asked.filter(([what]) => what === "POST /clips/a/actions").map(([, body]) => body.action),
    say: (name, data) => events.onEvent(name, data),
    link: (...args) => events.onLink(...args),
    api: {
      get: (path, query) => answer("GET", path, query), post: (path, body) => answer("POST", path, body),
      remove: (path, query) => answer("DELETE", path, query), me: async () => ({ user: "ana", role: "annotator" }),
      events(name, tab, handlers) { events = handlers; return () => { events = null; }; },
    },
  };
}

export const refusal = (status, kind = "", text = "no") => new ApiError(status, kind, text);

globalThis.location ??= { href: "http://127.0.0.1/ui/", search: "", assign(to) { this.went = to; } };
globalThis.history ??= { replaceState() {} };

/** Put a page together and open clip "a" in it. */
export async function page({ answers = {}, ui = {}, state = {}, me = { user: "ana", role: "annotator" } } = {}) {
  const there = server({
    "POST /clips/a/claim": { held: true, user: "ana" }, "GET /clips/a": whole(), "POST /clips/a/actions": { seq: 1, head: 8 }, ...answers,
  });
  const said = [];
  const toasts = { say: (text) => { said.push(text); }, error: (text) => { said.push(`error: ${text}`); } };
  const store = createStore({ ...initial(), me });
  const stage = new Stage();
  Object.defineProperty(stage.player, "target", { get: () => stage.going ?? store.get().frame });
  const controller = createController({ store, api: there.api, stage, presence: createPresence(), toasts, ui, tab: "t" });
  await controller.run("open", "a");
  store.set(state);
  const close = () => controller.run("open", ""); // nothing to open
  return { ...controller, store, stage, there, said, close };
}
