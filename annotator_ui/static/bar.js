/** The line above the picture: clip, tools, undo, propagation, verdict; and the line below it: frame, speed, hint. */

import { button, element, renew } from "./elements.js";
import { duration, hint } from "./hints.js";
import { keyFor } from "./keys.js";
import { inReview, pending, readOnly } from "./state.js";

const TOOLS = [["point", "Click"], ["box", "Box"], ["brush", "Brush"], ["eraser", "Eraser"]];
const JUDGES = ["reviewer", "lead"];

/** Make the line above the picture. */
export function createBar(root, { store, run }) {
  const name = element("div", { class: "name" });
  const tools = element("div", { class: "tools", role: "group", "aria-label": "Tools" });
  const work = element("div", { class: "work" });
  const verdict = element("div", { class: "verdict" });
  root.replaceChildren(
    element("button", { type: "button", class: "icon", title: "List of clips (`)", "aria-label": "List of clips", onclick: () => run("clips") }, "☰"),
    name, tools, work, verdict,
  );
  store.watch(["clip", "video", "busy", "progress"], (state) => renew(name, title(state)));
  store.watch(["tool", "clip", "claim"], (state) => renew(tools, (state.clip && !readOnly(state) ? TOOLS.map(([tool, text]) =>
    button(text, keyFor("tool", tool), () => run("tool", tool), { "aria-pressed": String(state.tool === tool), "data-tool": tool })) : [])));
  store.watch(["session", "progress", "clip", "claim", "tracks"], (state) => renew(work, working(state, run)));
  store.watch(["clip", "claim", "me", "session"], (state) => renew(verdict, judging(state, run)));
}

/** What comes and goes stands here, where there is room to spare: no button may move away under somebody's hand. */
function title({ clip, video, busy, progress }) {
  if (!clip) return [element("b", {}, "No clip is open")];
  const copying = video.ready || progress ? null
    : element("span", { class: "copying", title: "until then the picture moves frame by frame" }, `video ${Math.round(100 * (video.progress ?? 0))} %`);
  return [element("b", { title: clip.id }, clip.id), element("span", { class: `stage ${clip.stage.replace(/\W/g, "-")}` }, clip.stage), copying,
    progress ? running(progress) : element("span", { class: "busy", "aria-hidden": "true" }, busy ? "saving …" : "")];
}

function working(state, run) {
  if (!state.clip || readOnly(state)) return [];
  const { undo, redo } = state.session;
  const parts = [
    button("Undo", keyFor("undo"), () => run("undo"), { disabled: !undo, "data-command": "undo", title: undo ? `Undo: ${undo} (Ctrl Z)` : "nothing to undo" }),
    button("Redo", "", () => run("redo"), { disabled: !redo, "data-command": "redo", title: redo ? `Redo: ${redo} (Ctrl Shift Z)` : "nothing to redo" }),
  ];
  if (state.progress) return [...parts, button("Stop", "Esc", () => run("stop"), { class: "spread stop", "data-command": "stop" })];
  const waits = Object.keys(pending(state)).length;
  return [...parts, button("Propagate", keyFor("spread"), () => run("spread"), { disabled: !waits, class: waits ? "spread primary" : "spread", "data-command": "spread" })];
}

/** How far a propagation is; its total is the most it can come to, as it ends where masks agree again. */
export function advance({ done = 0, total = 0, seconds_left: left }) {
  const frames = `${done}${total ? ` of at most ${total}` : ""} frame${(total || done) === 1 ? "" : "s"}`;
  return `${frames}${left ? `, at most ${duration(left)} left` : ""}`;
}

function running(progress) {
  const { done = 0, total = 0 } = progress;
  return element("span", { class: "running" }, [
    element("progress", total ? { value: String(done), max: String(total), "aria-label": "propagation" } : { "aria-label": "propagation" }),
    advance(progress),
  ]);
}

/** The button that puts a clip back into correction, without a verdict on it. */
const reopening = (words, run) => button(words, "", () => run("reopen"), { "data-command": "reopen" });

function judging(state, run) {
  if (!state.clip) return [];
  if (inReview(state)) {
    return [button("Accept", "A", () => run("accept"), { class: "primary", "data-command": "accept" }), button("Reject", "R", () => run("reject"), { "data-command": "reject" }), reopening("Take back", run)];
  }
  if (state.clip.stage === "accepted" && JUDGES.includes(state.me?.role)) return [reopening("Reopen", run)];
  return readOnly(state) ? [] : [button("Submit", keyFor("submit"), () => run("submit"), { class: "submit", "data-command": "submit" })];
}

/** Make the line below the picture. */
export function createFoot(root, { store, run }) {
  const play = element("button", { type: "button", class: "icon", onclick: () => run("toggle") });
  const place = element("span", { class: "place" });
  const said = element("span", { class: "hint", role: "status" });
  const look = element("span", { class: "look" });
  const keys = button("Keys", "?", () => run("help"));
  root.replaceChildren(play, place, said, look, keys);
  store.watch(["playing"], ({ playing }) => { play.textContent = playing ? "❚❚" : "▶"; play.title = `${playing ? "Pause" : "Play"} (Space)`; play.setAttribute("aria-label", playing ? "Pause" : "Play"); });
  store.watch(["frame", "clip", "speed"], (state) => { place.textContent = placed(state); });
  store.watch(null, (state) => { const text = hint(state); if (said.textContent !== text) said.textContent = text; });
  store.watch(["display", "selected", "clip"], ({ display, clip }) => renew(look, (clip ? [
    button(`Masks: ${display.masks}`, keyFor("masks"), () => run("masks"), { class: "masks" }),
    button("Only this", keyFor("solo"), () => run("solo"), { "aria-pressed": String(display.only) }),
    button("Fit", "0", () => run("fit")),
  ] : [])));
}

function placed({ frame, clip, speed }) {
  if (!clip) return "";
  const at = (frame * clip.rate[1]) / clip.rate[0];
  return `${frame} / ${clip.frames - 1} · ${at.toFixed(2)} s${speed === 1 ? "" : ` · ${speed}×`}`;
}
