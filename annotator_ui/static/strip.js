/** Draws the time line and answers the pointer. Knows a canvas; where things lie is `strip_layout`'s. */

import { GUTTER, TOP, frameAt, heightOf, rowHeight, rows, ticks, under, xOf, yOf } from "./strip_layout.js";
import { element } from "./elements.js";
import { nameOf, range, visitsLeft } from "./state.js";

const COLOURS = { 1: "#b99b2e", 2: "#e08a2c", 3: "#f0524f", looked: "#4d5663", confirmed: "#2f7d4f", pending: "#4aa3ff", prompt: "#ffffff", hidden: "#9aa4b2", pin: "#d58cff" };

/** What the marks mean, for the overlay of help: [colour, words]. */
export const LEGEND = Object.freeze([
  [COLOURS[3], "doubtful, worst"], [COLOURS[2], "doubtful"], [COLOURS[1], "a little doubtful"], [COLOURS.looked, "doubtful, looked at"],
  [COLOURS.confirmed, "confirmed as right"], [COLOURS.pending, "waits to be propagated"], [COLOURS.prompt, "corrected by hand"],
  [COLOURS.hidden, "absent or occluded, as a person says"], [COLOURS.pin, "a remark"],
]);

const DRAWN = ["tracks", "session", "doubts", "looked", "pins", "loop", "selected", "clip", "painted"];

/**
 * Make the strip.
 * @param {HTMLElement} root
 * @param {{store: object, presence: object, run: Function}} parts
 */
export function createStrip(root, { store, presence, run }) {
  const still = element("canvas", { class: "strip-still" });
  const head = element("div", { class: "strip-head" });
  const tip = element("div", { class: "strip-tip", role: "status" });
  const body = element("div", { class: "strip-body", tabindex: "0", role: "slider", "aria-label": "Time line" }, [still, head]);
  const caption = element("div", { class: "strip-caption" });
  const cue = element("div", { class: "strip-cue", "aria-hidden": "true" }, "▾ more balls: scroll");
  root.replaceChildren(caption, body, cue, tip);
  let lines = [];
  let asked = 0;

  const width = () => body.clientWidth;
  const draw = () => {
    asked = 0;
    const state = store.get();
    body.style.visibility = state.clip ? "" : "hidden"; // the time line of a clip that was left is nobody's
    if (!state.clip) return hidden();
    lines = rows(state, presence.runs);
    paint(still, state, lines, width());
    follow(body, lines);
    hidden();
  };
  const hidden = () => cue.classList.toggle("on", store.get().clip !== null && body.scrollHeight - body.scrollTop - body.clientHeight > 6);
  body.addEventListener("scroll", hidden);
  const soon = () => { if (!asked) asked = requestAnimationFrame(draw); };
  store.watch(DRAWN, soon);
  new ResizeObserver(() => { soon(); place(store.get()); }).observe(body);

  const place = ({ frame, clip }) => {
    if (!clip) return;
    head.style.transform = `translateX(${xOf(frame + 0.5, clip.frames, width())}px)`;
    head.style.height = `${heightOf(lines.length || 1)}px`;
    body.setAttribute("aria-valuemin", "0");
    body.setAttribute("aria-valuemax", String(clip.frames - 1));
    body.setAttribute("aria-valuenow", String(frame));
    body.setAttribute("aria-valuetext", `frame ${frame} of ${clip.frames}`);
  };
  store.watch(["frame", "clip", "tracks"], place);
  store.watch(["doubts", "looked", "clip", "visit", "tracks"], (state) => { caption.textContent = caption.title = captionOf(state); caption.classList.toggle("calm", Boolean(state.clip) && !state.doubts.computing && !visitsLeft(state).length); });
  pointing(body, tip, { store, run, width, lines: () => lines });
}

/** Let the chosen ball's row be seen where not all rows are. */
function follow(body, lines) {
  const index = lines.findIndex((line) => line.selected);
  if (index < 0 || body.dataset.followed === String(lines[index].track)) return; // who scrolls on is left alone
  body.dataset.followed = String(lines[index].track);
  const [top, high] = [yOf(index, lines.length), rowHeight(lines.length)];
  if (top < body.scrollTop + TOP) body.scrollTop = top - TOP;
  if (top + high > body.scrollTop + body.clientHeight) body.scrollTop = top + high - body.clientHeight;
}

/** Return what stands above the strip: where we are led, or that there is nothing. */
export function captionOf(state) {
  if (!state.clip) return "";
  const { computing, all } = state.doubts;
  if (!all.length) {
    if (computing) return "The program is looking for doubtful places …";
    return state.doubts.revision === null ? "No masks yet: nothing to doubt." : "Nothing doubtful in this clip.";
  }
  const left = visitsLeft(state).length;
  const anew = computing ? " The program is looking again, after what was changed …" : "";
  const why = state.visit ? ` Here: ${state.visit.doubts.slice(0, 2).map((doubt) => reason(state, doubt)).join("; ")}` : "";
  return (left ? `${left} doubtful place${left > 1 ? "s" : ""} to look at (N).` : "You have looked at every doubtful place.") + why + anew;
}

/** Return a doubt as a person reads it at its visit: which ball, on which frame if not on this one, why. */
function reason({ tracks, visit }, { track, frame, why }) {
  const ball = track ? nameOf({ tracks }, track) : "the picture";
  return `${ball}${frame === visit.frame ? "" : ` on frame ${frame}`}: ${why}`;
}

function pointing(body, tip, { store, run, width, lines }) {
  const at = (event) => {
    const box = body.getBoundingClientRect();
    const frames = store.get().clip?.frames ?? 1;
    return { x: event.clientX - box.left, y: event.clientY - box.top + body.scrollTop, frames, width: width() };
  };
  let dragging = false;
  body.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !store.get().clip) return;
    const place = at(event);
    const { line, frame, marks } = under(lines(), place);
    if (line?.track) run("select", line.track);
    if (place.x < GUTTER) return;
    dragging = true;
    body.setPointerCapture(event.pointerId);
    run("seek", marks.length && marks.at(-1).kind !== "confirmed" ? marks.at(-1).frame : frame);
  });
  body.addEventListener("pointermove", (event) => {
    if (!store.get().clip) return;
    const place = at(event);
    if (dragging) run("seek", frameAt(place.x, place.frames, place.width));
    const { line, frame, marks } = under(lines(), place);
    const text = [line?.label, place.x >= GUTTER ? `frame ${frame}` : "", ...marks.map((mark) => mark.text + (mark.looked ? " (looked at)" : ""))].filter(Boolean);
    tip.replaceChildren(...text.slice(0, 6).map((each) => element("div", {}, each)));
    tip.style.left = `${Math.min(place.x + 12, place.width - 280)}px`;
    tip.classList.add("on");
  });
  const end = () => { dragging = false; };
  body.addEventListener("pointerup", end);
  body.addEventListener("pointercancel", end);
  body.addEventListener("pointerleave", () => tip.classList.remove("on"));
}

function paint(canvas, state, lines, width) {
  const height = heightOf(lines.length);
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = "11px system-ui, sans-serif";
  pen.textBaseline = "middle";
  const x = (frame) => xOf(frame, state.clip.frames, width);
  ruler(pen, state, width, height, x);
  const high = rowHeight(lines.length);
  lines.forEach((line, index) => row(pen, line, { y: yOf(index, lines.length), high }, { width, x }));
  const marked = range(state);
  if (marked) {
    pen.fillStyle = state.loop.on ? "rgba(74,163,255,.22)" : "rgba(74,163,255,.12)";
    pen.fillRect(x(marked[0]), 0, x(marked[1]) - x(marked[0]), height);
  }
}

function ruler(pen, state, width, height, x) {
  pen.strokeStyle = "#2a313b";
  pen.fillStyle = "#8b95a3";
  for (const { frame, text } of ticks(state.clip.frames, state.clip.rate, width)) {
    pen.fillRect(Math.round(x(frame)), 14, 1, 5);
    pen.fillText(text, x(frame) + 3, 8);
    pen.strokeRect(Math.round(x(frame)) + 0.5, TOP, 0, height);
  }
}

function row(pen, line, { y, high }, { width, x }) {
  pen.fillStyle = line.selected ? "#28313d" : "#171c23";
  pen.fillRect(0, y + 1, width, high - 2);
  if (line.color) { pen.fillStyle = line.color; pen.fillRect(4, y + high / 2 - 3, 6, 6); }
  pen.fillStyle = line.selected ? "#fff" : "#b8c0cc";
  pen.fillText(line.label.slice(0, 11), 14, y + high / 2, GUTTER - 18);
  pen.globalAlpha = 0.45;
  pen.fillStyle = line.color ?? "#8b95a3";
  for (const [start, stop] of line.runs) pen.fillRect(x(start), y + high / 2 - 1, x(stop) - x(start), 2);
  pen.globalAlpha = 1;
  for (const each of line.marks) mark(pen, each, { y, high }, x);
}

function mark(pen, { kind, start, stop, frame, grade, looked }, { y, high }, x) {
  const wide = Math.max(2, x(stop) - x(start));
  pen.fillStyle = looked ? COLOURS.looked : COLOURS[kind === "doubt" ? grade : kind];
  if (kind === "doubt") {
    pen.fillRect(x(start), y + 3, wide, high - 6);
    pen.fillRect(x(frame) - 1, y + 1, 3, high - 2);
  } else if (kind === "confirmed") pen.fillRect(x(start), y + high - 4, wide, 3);
  else if (kind === "pending") pen.fillRect(x(start) - 1, y + 1, 3, high - 2);
  else if (kind === "hidden") { pen.fillRect(x(frame) - 3, y + high / 2 - 1, 7, 2); } else {
    pen.beginPath();
    pen.arc(x(frame + 0.5), y + high / 2, kind === "pin" ? 4 : 2.5, 0, 7);
    pen.fill();
  }
}
