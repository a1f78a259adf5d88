/** The balls at the right: colour, class, where it is on this frame, doubts. And what is done with the chosen one. */

import { button, element, renew } from "./elements.js";
import { keyFor } from "./keys.js";
import { doubtCounts, pending, readOnly, visibility } from "./state.js";

const SEEN = { here: "●", absent: "absent", occluded: "occluded", "": "–" };

/**
 * Make the panel.
 * @param {HTMLElement} root
 * @param {{store: object, stage: object, run: Function}} parts
 */
export function createPanel(root, { store, stage, run }) {
  const list = element("div", { class: "balls", role: "listbox", "aria-label": "Balls", tabindex: "-1" });
  const tools = element("div", { class: "ball-tools" });
  const pins = element("div", { class: "pins" });
  root.replaceChildren(element("h3", {}, "Balls"), list, tools, pins);
  const lines = new Map();

  store.watch(["tracks", "doubts", "looked", "selected", "session"], (state) => {
    const counts = doubtCounts(state);
    const all = state.tracks.map((track) => ball(track, { state, doubts: counts[track.id] ?? 0, store, run }));
    const none = state.clip && !all.length && element("p", { class: "empty" }, "No ball yet. Click one in the picture.");
    for (const line of all) line.lastChild.replaceWith(lines.get(Number(line.dataset.track))?.cloneNode(true) ?? line.lastChild);
    renew(list, [...all, none]);
    lines.clear();
    for (const line of list.querySelectorAll(".ball")) lines.set(Number(line.dataset.track), line.querySelector(".seen"));
    list.querySelector("[aria-selected=true]")?.scrollIntoView?.({ block: "nearest" });
    here(state, stage, lines);
  });
  store.watch(["frame", "painted"], (state) => here(state, stage, lines));
  store.watch(["selected", "clip", "claim", "loop", "session", "me"], (state) => renew(tools, deeds(state, run)));
  store.watch(["pins", "clip"], (state) => renew(pins, remarks(state, run)));
}

function ball(track, { state, doubts, store, run }) {
  const chosen = track.id === state.selected;
  return element("button", {
    type: "button", class: "ball", role: "option", "aria-selected": String(chosen), "data-track": String(track.id),
    onclick: () => run("select", chosen && !store.get().pick ? null : track.id),
  }, [
    element("i", { style: `background:${track.color}` }),
    element("b", {}, `#${track.id}`),
    element("span", { class: "class" }, track.label),
    pending(state)[track.id] ? element("span", { class: "waits", title: "waits to be propagated (Enter)" }, "↔") : null,
    doubts ? element("span", { class: "badge", title: `${doubts} doubt${doubts === 1 ? "" : "s"} that nobody has looked at` }, String(doubts)) : null,
    element("span", { class: "seen" }),
  ]);
}

function here(state, stage, lines) {
  const row = state.clip ? stage.rowAt(state.frame) : undefined;
  for (const [track, seen] of lines) {
    const what = row === undefined ? "" : visibility(state, row, track);
    const text = row === undefined ? "…" : SEEN[what];
    if (seen.textContent !== text) {
      seen.textContent = text;
      seen.title = what || "no mask on this frame";
    }
  }
}

/** Return the buttons for the chosen ball; they stay in their places while none is chosen. */
function deeds(state, run) {
  if (!state.clip) return [];
  const none = state.selected === null;
  const make = (text, [command, ...args], more = {}) => button(text, keyFor(command, ...args), () => run(command, ...args), more);
  const mine = (text, command) => make(text, command, none ? { disabled: true, title: "choose a ball first" } : {});
  const remark = make("Remark …", ["pin"], { title: "put a remark on this frame, or on this ball (Q)" });
  if (readOnly(state)) return [remark];
  return [mine("Absent here", ["hide", "absent"]), mine("Occluded here", ["hide", "occluded"]), mine("Repairs …", ["menu"]),
    make("New ball", ["newBall"]), remark];
}

/** Return the open remarks, each a way to its frame. */
function remarks(state, run) {
  const open = state.pins.filter((pin) => !pin.resolved_by);
  if (!open.length) return [];
  return [element("h3", {}, "Remarks"), ...open.map((pin) => element("div", { class: "pin", "data-pin": String(pin.id) }, [
    element("button", { type: "button", onclick: () => run("seek", pin.frame) }, `frame ${pin.frame}: ${pin.text} (${pin.author})`),
    element("button", { type: "button", class: "settle", title: "this remark is settled: take it off the list", "aria-label": "settled", onclick: () => run("resolvePin", pin.id) }, "✓ settled"),
  ]))];
}
