/**
 * Which key does what: one table, from which the dispatcher and the overlay of help are both made.
 * Knows keys and names of commands; refuses to know what a command does.
 */

/**
 * @typedef {object} Key
 * @property {string[]} chords  what is pressed: modifiers and the key, such as "Ctrl+Shift+z" or "ArrowLeft"
 * @property {string} command   the name that the controller knows
 * @property {any[]} [args]     what the command is given
 * @property {string} text      what it does, for the overlay
 * @property {string} group     heading in the overlay
 * @property {boolean} [release] it counts when it is let go, and only if nothing was dragged meanwhile
 * @property {"cursor"|"review"} [when] only while this mode is on; it then wins over a key without a mode
 */

const key = (group, chords, command, text, args = [], when = undefined) => ({
  group, chords: [].concat(chords), command, text, args, ...(when ? { when } : {}),
});

/** @type {readonly Key[]} */
export const KEYS = Object.freeze([
  { ...key("Go", "Space", "toggle", "play, pause"), release: true },
  key("Go", "ArrowLeft", "step", "one frame back", [-1]),
  key("Go", "ArrowRight", "step", "one frame on", [1]),
  key("Go", "Shift+ArrowLeft", "step", "ten frames back", [-10]),
  key("Go", "Shift+ArrowRight", "step", "ten frames on", [10]),
  key("Go", "Home", "first", "first frame"),
  key("Go", "End", "last", "last frame"),
  key("Go", ",", "slower", "half the speed"),
  key("Go", ".", "faster", "twice the speed"),
  key("Go", "i", "loopIn", "range starts here"),
  key("Go", "o", "loopOut", "range ends here"),
  key("Go", "l", "loop", "play the range over and over; again: no range"),

  key("Be led", "n", "nextVisit", "next doubtful place"),
  key("Be led", "Shift+n", "previousVisit", "doubtful place before"),
  key("Be led", "c", "confirm", "these frames are right (the range, or this frame)"),
  key("Be led", "Shift+c", "unconfirm", "take that back"),
  key("Be led", "q", "pin", "put a remark on this frame"),

  key("Choose a ball", ["[", "Shift+ArrowUp"], "selectNext", "ball before", [-1]),
  key("Choose a ball", ["]", "Shift+ArrowDown"], "selectNext", "ball after", [1]),
  ...Array.from("123456789", (digit) =>
    key("Choose a ball", digit, "digit", "ball of this number (two digits: quickly)", [digit])),
  key("Choose a ball", "Escape", "escape", "stop what runs; choose no ball"),

  key("Correct", "v", "tool", "click: left belongs to the ball, right (or Alt) does not", ["point"]),
  key("Correct", "b", "tool", "box: drag around the ball", ["box"]),
  key("Correct", "p", "tool", "brush", ["brush"]),
  key("Correct", "e", "tool", "eraser", ["eraser"]),
  key("Correct", ["{", "("], "brushSize", "smaller brush", [-1]),
  key("Correct", ["}", ")"], "brushSize", "larger brush", [1]),
  key("Correct", "a", "newBall", "new ball: the next click draws it"),
  key("Correct", "x", "hide", "absent here: no mask on this frame", ["absent"]),
  key("Correct", "Shift+x", "hide", "occluded here", ["occluded"]),
  key("Correct", "Enter", "spread", "propagate the corrections forward and backward"),
  key("Correct", "Shift+Enter", "spreadRange", "propagate within the range only"),
  key("Correct", "Ctrl+z", "undo", "undo"),
  key("Correct", ["Ctrl+Shift+z", "Ctrl+y"], "redo", "redo"),

  key("Repair identity", "u", "menu", "all of these as a menu"),
  key("Repair identity", "w", "swap", "swap with another ball from here on (then click it)"),
  key("Repair identity", "/", "split", "another ball from here on"),
  key("Repair identity", "j", "merge", "join with another ball (then click it)"),
  key("Repair identity", "Delete", "remove", "delete from here on", ["from"]),
  key("Repair identity", "Shift+Delete", "remove", "delete up to here", ["to"]),
  key("Repair identity", "Backspace", "remove", "delete on this frame alone", ["here"]),
  key("Repair identity", "t", "relabel", "give another class"),
  key("Repair identity", "f", "fill", "fill the gap around this frame"),

  key("See", "m", "masks", "masks: outlined, filled, off"),
  key("See", "s", "solo", "this ball only, all balls"),
  key("See", "g", "labels", "names beside the balls on, off"),
  key("See", ["+", "="], "zoom", "larger", [1.5]),
  key("See", "-", "zoom", "smaller", [1 / 1.5]),
  key("See", "0", "zero", "whole picture"),
  key("See", "z", "centre", "go close to this ball"),
  key("See", "Alt+ArrowLeft", "pan", "move the picture", [-1, 0]),
  key("See", "Alt+ArrowRight", "pan", "move the picture", [1, 0]),
  key("See", "Alt+ArrowUp", "pan", "move the picture", [0, -1]),
  key("See", "Alt+ArrowDown", "pan", "move the picture", [0, 1]),
  key("See", "ArrowUp", "brightness", "brighter picture", [1]),
  key("See", "ArrowDown", "brightness", "darker picture", [-1]),

  key("Without a mouse", "k", "cursor", "a cursor for the arrow keys, on the ball if one is chosen; again: off"),
  key("Without a mouse", "ArrowLeft", "moveCursor", "move the cursor", [-8, 0], "cursor"),
  key("Without a mouse", "ArrowRight", "moveCursor", "move the cursor", [8, 0], "cursor"),
  key("Without a mouse", "ArrowUp", "moveCursor", "move the cursor", [0, -8], "cursor"),
  key("Without a mouse", "ArrowDown", "moveCursor", "move the cursor", [0, 8], "cursor"),
  key("Without a mouse", "Shift+ArrowLeft", "moveCursor", "... by one pixel", [-1, 0], "cursor"),
  key("Without a mouse", "Shift+ArrowRight", "moveCursor", "... by one pixel", [1, 0], "cursor"),
  key("Without a mouse", "Shift+ArrowUp", "moveCursor", "... by one pixel", [0, -1], "cursor"),
  key("Without a mouse", "Shift+ArrowDown", "moveCursor", "... by one pixel", [0, 1], "cursor"),
  key("Without a mouse", "Enter", "clickCursor", "click there: this belongs to the ball", [true], "cursor"),
  key("Without a mouse", "Backspace", "clickCursor", "click there: this does not", [false], "cursor"),
  key("Without a mouse", "Escape", "cursor", "cursor off", [false], "cursor"),

  key("The clip", "Ctrl+Enter", "submit", "submit"),
  key("The clip", "PageDown", "next", "next clip of the queue"),
  key("The clip", "a", "accept", "in review: accept", [], "review"),
  key("The clip", "r", "reject", "in review: reject, with the reason", [], "review"),
  key("The clip", "`", "clips", "list of clips on, off"),
  key("The clip", "?", "help", "all keys"),
]);

const PRINTED = { " ": "Space", Spacebar: "Space", Left: "ArrowLeft", Right: "ArrowRight", Up: "ArrowUp", Down: "ArrowDown", Esc: "Escape", Del: "Delete" };
const BY_CODE = { Minus: "-", Equal: "=", BracketLeft: "[", BracketRight: "]", Comma: ",", Period: ".", Slash: "/", Backquote: "`" };

const modifiers = (event, shift) => {
  const typed = event.getModifierState?.("AltGraph") ?? false; // the third level of a keyboard, no shortcut
  return [
    !typed && (event.ctrlKey || event.metaKey) ? "Ctrl+" : "",
    !typed && event.altKey ? "Alt+" : "",
    shift && event.shiftKey ? "Shift+" : "",
  ].join("");
};

/**
 * Return the names of what was pressed, the best first: by the character, then by the key's place on the keyboard
 * (for keyboards that type other letters, or digits only with Shift).
 * @param {KeyboardEvent} event
 * @returns {string[]}
 */
export function chordsOf(event) {
  const named = PRINTED[event.key] ?? event.key;
  const letter = /^[a-z]$/i.test(named);
  const symbol = named.length === 1 && !letter; // a symbol has its Shift in it already
  const chords = [modifiers(event, !symbol) + (letter ? named.toLowerCase() : named)];
  const place = /^Key([A-Z])$/.exec(event.code ?? "")?.[1].toLowerCase()
    ?? /^(?:Digit|Numpad)(\d)$/.exec(event.code ?? "")?.[1] ?? BY_CODE[event.code];
  if (place !== undefined && !letter) chords.push(modifiers(event, /[a-z]/.test(place)) + place);
  return chords;
}

/**
 * Return the key of the table that was pressed, or undefined.
 * @param {KeyboardEvent} event
 * @param {string[]} modes  those that are on: "cursor", "review"
 * @returns {Key|undefined}
 */
export function lookUp(event, modes = []) {
  for (const chord of chordsOf(event)) {
    const found = KEYS.filter((each) => each.chords.includes(chord));
    const hit = found.find((each) => modes.includes(each.when)) ?? found.find((each) => !each.when);
    if (hit) return hit;
  }
  return undefined;
}

/**
 * Say whether a key belongs to what has the focus: a field, a list, an open dialog.
 * @param {Element|null} target
 */
export function belongsElsewhere(target) {
  return Boolean(target?.closest?.(
    "input, textarea, select, [contenteditable=true], [contenteditable=''], dialog, [role=menu], [role=textbox]"));
}

/**
 * Say whether a control with the focus uses this key itself: Space and Enter press a button.
 * @param {KeyboardEvent} event
 */
export function pressesControl(event) {
  return ["Enter", " "].includes(event.key) && !event.ctrlKey
    && Boolean(event.target?.closest?.("button, a[href], summary, [role=button], [role=option]"));
}

/**
 * Listen for keys on a document and run their commands.
 * @param {Document} target
 * @param {{run: (command: string, ...args: any[]) => any, modes: () => string[]}} handlers
 * @returns {() => void} stop listening
 */
export function listen(target, { run, modes }) {
  let held = null;
  const pressed = (event) => {
    if (event.defaultPrevented || event.isComposing || belongsElsewhere(event.target) || pressesControl(event)) return;
    const found = lookUp(event, modes());
    if (!found) return;
    event.preventDefault();
    if (!found.release) run(found.command, ...found.args);
    else if (!event.repeat) held = found;
  };
  const released = (event) => {
    if (!held || !chordsOf(event).some((chord) => held.chords.includes(chord))) return;
    run(held.command, ...held.args);
    held = null;
  };
  const dragged = () => { if (held) held = null; }; // the drag was what the key was held for
  const listeners = { keydown: pressed, keyup: released, pointerdown: dragged };
  for (const [name, heard] of Object.entries(listeners)) target.addEventListener(name, heard, name === "pointerdown");
  return () => { for (const [name, heard] of Object.entries(listeners)) target.removeEventListener(name, heard, name === "pointerdown"); };
}

/**
 * Return the table for the overlay: groups in order, each key once, keys that do the same in one line.
 * @returns {{group: string, keys: {chords: string[], text: string}[]}[]}
 */
export function overlay() {
  const groups = new Map();
  for (const each of KEYS) {
    const lines = groups.get(each.group) ?? groups.set(each.group, []).get(each.group);
    const same = lines.find((line) => line.text === each.text);
    if (same) same.chords.push(...each.chords);
    else lines.push({ chords: [...each.chords], text: each.text });
  }
  return [...groups].map(([group, keys]) => ({ group, keys }));
}

const SHOWN = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Delete: "Del", " ": "Space" };

/**
 * Return a chord as people read it: "Ctrl+Shift+z" is "Ctrl Shift Z".
 * @param {string} chord
 */
export function printed(chord) {
  if (chord === "+") return "+";
  return chord.split("+").map((part) => SHOWN[part] ?? (/^[a-z]$/.test(part) ? part.toUpperCase() : part)).join(" ");
}

/**
 * Return the first key of a command, printed, or "".
 * @param {string} command
 * @param {...any} args
 */
export function keyFor(command, ...args) {
  const found = KEYS.find((each) => each.command === command
    && args.every((arg, index) => each.args[index] === arg));
  return found ? printed(found.chords[0]) : "";
}
