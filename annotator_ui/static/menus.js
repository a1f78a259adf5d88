/** Choosing: a class for a ball, another ball, a repair of identity. Each by mouse, by letters, by arrows. */

import { ask } from "./dialogs.js";
import { button, element } from "./elements.js";
import { keyFor, lookUp } from "./keys.js";
import { nameOf, range } from "./state.js";

/**
 * Return the entries of a list that a search leaves, those that begin with it first. Pure.
 * @param {{text: string}[]} entries
 * @param {string} search
 */
export function found(entries, search) {
  const wanted = search.trim().toLowerCase();
  if (!wanted) return entries;
  const place = ({ text }) => text.toLowerCase().split(/\s+/).findIndex((word) => word.startsWith(wanted));
  const hits = entries.filter(({ text }) => text.toLowerCase().includes(wanted));
  return hits.sort((one, other) => Number(place(one) < 0) - Number(place(other) < 0));
}

/** Return the entry that an arrow key goes to. Pure. */
export const moved = (at, way, count) => (count ? (at + way + count) % count : 0);

const option = (entry, chosen, close) => element("button", {
  type: "button", role: "option", tabindex: "-1", "aria-selected": String(chosen), onclick: () => close(entry.value),
}, [entry.color ? element("i", { style: `background:${entry.color}` }) : null, entry.text, entry.note ? element("small", {}, entry.note) : null]);

/** A list of entries, one of them marked; arrows move the mark, Enter takes it. */
function listing(entries, close) {
  let shown = entries;
  let at = 0;
  const list = element("div", { class: "choices", role: "listbox", id: "choices", tabindex: "-1" });
  const draw = () => list.replaceChildren(...shown.map((entry, index) => option(entry, index === at, close)));
  draw();
  return {
    list,
    show(found) { shown = found; at = 0; draw(); },
    pressed(event) {
      const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (way) { at = moved(at, way, shown.length); draw(); list.children[at]?.scrollIntoView({ block: "nearest" }); event.preventDefault(); }
      if (event.key === "Enter" && shown[at]) { close(shown[at].value); event.preventDefault(); }
    },
  };
}

const cancel = (close) => element("div", { class: "answers" }, [button("Cancel", "Esc", () => close(null))]);

/**
 * Ask for one entry of a list with a field to search in it.
 * @param {string} title
 * @param {{text: string, value: any, color?: string, note?: string}[]} entries
 * @param {{free?: (typed: string) => any, side?: "left"|"right"|""}} [how]
 */
export function choose(title, entries, { free = null, side = "" } = {}) {
  return ask(title, (close) => {
    const { list, show, pressed } = listing(entries, close);
    const field = element("input", { type: "text", autofocus: true, autocomplete: "off", role: "combobox", "aria-controls": "choices", "aria-expanded": "true", "aria-label": title, placeholder: "type to search, Enter takes the marked one" });
    field.addEventListener("input", () => {
      const typed = field.value.trim();
      const fresh = free && typed && !entries.some((entry) => entry.text === typed);
      show([...found(entries, field.value), ...(fresh ? [{ text: typed, note: "new class", value: free(typed) }] : [])]);
    });
    field.addEventListener("keydown", pressed);
    return [field, list, cancel(close)];
  }, side);
}

/**
 * Return the entry whose key was pressed, or undefined. Pure.
 * @param {KeyboardEvent} event
 * @param {{value: any[]}[]} entries  each with the command and what it is given
 */
export function keyed(event, entries) {
  const key = lookUp(event);
  return key && entries.find(({ value: [command, ...args] }) =>
    command === key.command && args.length === key.args.length && args.every((arg, index) => arg === key.args[index]));
}

/** Ask for one entry of a list of commands: the keys printed beside them take them. */
function take(title, entries) {
  return ask(title, (close) => {
    const { list, pressed } = listing(entries, close);
    list.setAttribute("autofocus", "");
    list.addEventListener("keydown", (event) => {
      const hit = keyed(event, entries);
      if (!hit) return pressed(event);
      event.preventDefault();
      return close(hit.value);
    });
    return [list, cancel(close)];
  });
}

/**
 * Ask what ball is there: one that is lost on this frame, or a new one of a class.
 * @returns {Promise<{track?: number, label?: string}|null>}
 */
export function pickClass({ state, lost, title = "Which ball is this?", side = "", of = null }) {
  const known = lost.map((id) => ({ text: nameOf(state, id), note: "has no mask on this frame", value: { track: id }, color: state.tracks.find((track) => track.id === id)?.color }));
  const recent = [...new Set([...state.labels, ...state.tracks.map((track) => track.label)])];
  const now = state.tracks.find((track) => track.id === of)?.label;
  const note = (label) => (label === now ? "as it is now" : lost.length ? "new ball" : "");
  const fresh = recent.map((label) => ({ text: label, note: note(label), value: { label } }));
  return choose(title, [...known.sort((one) => (one.value.track === state.selected ? -1 : 0)), ...fresh], { free: (label) => ({ label }), side });
}

/** Ask for another ball: by a click in the picture, in the list, or by its number. Return its id, or null. */
export function pickBall({ store, text, not }) {
  return new Promise((resolve) => {
    const done = (track) => {
      if (track === not) return;
      store.set({ pick: null });
      resolve(track);
    };
    store.get().pick?.done(null);
    store.set({ pick: { text, done } });
  });
}

/** Show all repairs for the chosen ball; run the one that is taken: by the mouse, by arrows, or by the key beside it. */
export async function repairs({ state, run }) {
  const name = nameOf(state, state.selected);
  const entry = (text, command, ...args) => ({ text, note: keyFor(command, ...args), value: [command, ...args] });
  const marked = range(state);
  const onwards = marked ? `frames ${marked[0]} to ${marked[1] - 1}` : `from frame ${state.frame} on`;
  const taken = await take(`Repair ${name}`, [
    entry(`swap with another ball, ${onwards}`, "swap"),
    entry(`split: another ball, ${onwards}`, "split"),
    entry("join with another ball", "merge"),
    entry("give another class", "relabel"),
    entry(`fill the gap ${marked ? onwards : "around this frame"}`, "fill"),
    entry("absent on this frame", "hide", "absent"),
    entry("occluded on this frame", "hide", "occluded"),
    entry(`delete from frame ${state.frame} on`, "remove", "from"),
    entry(`delete up to frame ${state.frame}`, "remove", "to"),
    entry("delete on this frame", "remove", "here"),
    ...(marked ? [entry(`delete on ${onwards}`, "remove", "range")] : []),
    entry("delete on every frame", "remove", "all"),
  ]);
  return taken ? run(...taken) : null;
}
