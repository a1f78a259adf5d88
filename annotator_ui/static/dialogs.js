/** Questions that need an answer before anything else happens. Each returns a promise: the answer, or null for Esc. */

import { button, element } from "./elements.js";
import { summary } from "./hints.js";
import { overlay, printed } from "./keys.js";
import { nameOf } from "./state.js";
import { LEGEND } from "./strip.js";

/**
 * Ask with a dialog; it has the focus until it is closed.
 * @param {string} title
 * @param {(close: (answer: any) => void) => (Node|null)[]} body
 * @param {string} [kind]
 * @returns {Promise<any>}
 */
export function ask(title, body, kind = "") {
  return new Promise((resolve) => {
    const dialog = element("dialog", { class: `ask ${kind}`, "aria-label": title });
    const close = (answer) => { dialog.returned = answer; dialog.close(); };
    dialog.append(element("h2", {}, title), ...body(close).filter(Boolean));
    const before = document.activeElement;
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus?.();
      resolve(dialog.returned ?? null);
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) close(null); });
    document.getElementById("corrector").append(dialog);
    dialog.showModal();
    dialog.querySelector("[autofocus]")?.focus();
  });
}

const buttons = (close, yes, answer, more = {}) => element("div", { class: "answers" }, [
  button("Cancel", "Esc", () => close(null)),
  element("button", { type: "submit", class: "primary", ...more }, yes),
  answer === undefined ? null : element("span", {}, answer),
]);

const form = (onsubmit, children) => element("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); onsubmit(); } }, children);

/** Ask yes or no. */
export const confirm = ({ title, text, yes }) => ask(title, (close) =>
  [form(() => close(true), [element("p", {}, text), buttons(close, yes, undefined, { autofocus: true })])]);

/** Ask for a line or two of text. */
function words(title, text, yes, { required = true, more = [] } = {}) {
  return ask(title, (close) => {
    const field = element("textarea", { rows: "3", maxlength: "2000", required, autofocus: true, "aria-label": text,
      onkeydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) field.form.requestSubmit(); } });
    return [form(() => { if (!required || field.value.trim()) close({ text: field.value.trim() }); },
      [...more, element("label", {}, [text, field]), buttons(close, `${yes} (Ctrl Enter)`)])];
  });
}

/** Ask for the reason of a rejection; return it or null. */
export const reason = async () => (await words("Reject this clip", "What is wrong, so that it can be corrected?", "Reject"))?.text ?? null;

/** Ask for a remark on a frame; return it or null. */
export async function pin({ state }) {
  const about = state.selected === null ? `frame ${state.frame}` : `${nameOf(state, state.selected)} on frame ${state.frame}`;
  return (await words("Remark", `About ${about}`, "Put it there"))?.text ?? null;
}

/** Show what changed and ask whether to submit; return {note} or null. */
export async function submit({ state, left }) {
  const { counts, pending } = state.session;
  const lines = summary(counts);
  const waits = Object.keys(pending ?? {}).length;
  const more = [
    element("p", {}, lines.length ? "What you changed:" : "You changed nothing: every mask stays as it was drawn."),
    element("ul", { class: "counts" }, lines.map((line) => element("li", {}, line))),
    counts.frames_touched ? element("p", {}, `${counts.frames_touched} frame${counts.frames_touched === 1 ? " was" : "s were"} touched by hand.`) : null,
    waits ? element("p", { class: "warn" }, `Corrections of ${waits} ball${waits > 1 ? "s" : ""} are not propagated yet: Esc, then Enter.`) : null,
    left ? element("p", { class: "warn" }, `${left} doubtful place${left > 1 ? "s have" : " has"} not been looked at: Esc, then N.`) : null,
  ].filter(Boolean);
  const answer = await words(`Submit ${state.clip.id}?`, "A remark for the reviewer (may stay empty)", "Submit", { required: false, more });
  return answer ? { note: answer.text } : null;
}

/** Show every key. */
export const help = () => ask("All keys", (close) => [
  element("div", { class: "keys" }, overlay().map(({ group, keys }) => element("section", {}, [
    element("h3", {}, group),
    element("dl", {}, grouped(keys)),
  ]))),
  element("p", {}, "Mouse: left click belongs to the ball, right click (or Alt) does not, drag a box. Wheel: zoom; with Ctrl: size of the brush. Middle button, or Space held down: move the picture."),
  element("p", { class: "legend" }, ["On the time line: ", ...LEGEND.map(([colour, words]) =>
    element("span", {}, [element("i", { style: `background:${colour}` }), words]))]),
  button("Close", "Esc", () => close(null), { autofocus: true, class: "close" }),
], "wide");

function grouped(keys) {
  return keys.flatMap(({ chords, text }) => [
    element("dt", {}, short(chords).map((chord) => element("kbd", {}, chord))), element("dd", {}, text)]);
}

/** Return chords as they are printed; the nine digits as one. */
const short = (chords) => (chords.length > 4 ? [`${chords[0]} … ${chords.at(-1)}`] : chords.map(printed));
