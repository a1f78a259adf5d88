/** Says, in one line, what a person would do next. Pure. */

import { inReview, nameOf, pending, readOnly, rejection, visitsLeft } from "./state.js";

/** Return the sentence under the picture. */
export function hint(state) {
  if (!state.clip) return state.opening ? "Opening the clip …" : "Choose a clip on the left, or press Page Down for the next of the queue.";
  if (state.proposal) return "Look at the frames that would change, then answer above (Tab goes from button to button).";
  if (state.pick) return `${state.pick.text}, or type its number. Esc cancels.`;
  if (state.cursor) return "Arrows move the cursor (Shift: one pixel). Enter: belongs to the ball. Backspace: does not. K: done.";
  if (inReview(state)) return "Review: play it (Space), go through the doubtful places (N). A accepts, R rejects with a reason.";
  const why = readOnly(state);
  if (why) return why;
  if (state.progress) return "Propagating. Esc stops it and keeps what is done.";
  if (state.adding) return "Click the new ball, or drag a box around it. Esc cancels.";
  if (state.head === null && !state.tracks.length) {
    return "Nothing is drawn here yet: click a ball, then Enter follows it through the clip. (engine preannotate draws them all.)";
  }
  return ofWork(state);
}

function ofWork(state) {
  if (["brush", "eraser"].includes(state.tool)) {
    return state.selected === null ? `${state.tool}: choose a ball first`
      : `${state.tool}: paint on ${nameOf(state, state.selected)}; { and } change the size; V goes back to clicks`;
  }
  const waiting = Object.keys(pending(state));
  if (waiting.length) {
    const names = waiting.slice(0, 3).map((id) => nameOf(state, Number(id))).join(", ");
    return `Right on this frame? Enter propagates it through time (${names}). Ctrl-Z takes it back.`;
  }
  if (state.selected !== null) {
    return `${nameOf(state, state.selected)}: click where its mask is missing, right-click where it is too much. X: absent. U: repairs.`;
  }
  const left = visitsLeft(state).length;
  if (left) return "N goes to the next doubtful place. Or click any ball to correct it.";
  const rejected = rejection(state);
  if (rejected) return `${rejected.actor} rejected this clip: “${rejected.note}”. Correct that, then Ctrl-Enter submits it again.`;
  return state.session.undo ? "All corrected? Ctrl-Enter submits the clip." : "Looks right? Ctrl-Enter submits the clip. Or click any ball to correct it.";
}

/** Return seconds as people say them. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}

const COUNTED = [
  ["clicks", "click"], ["boxes", "box"], ["strokes", "brush stroke"], ["hides", "ball marked absent or occluded"],
  ["spreads", "propagation"], ["edits", "repair of identity"],
];
const PLURALS = { box: "boxes", "ball marked absent or occluded": "balls marked absent or occluded", "repair of identity": "repairs of identity" };

/** Return what a session's counts say, as lines: "3 clicks". */
export function summary(counts) {
  return COUNTED.filter(([name]) => counts[name] > 0)
    .map(([name, word]) => `${counts[name]} ${counts[name] === 1 ? word : PLURALS[word] ?? `${word}s`}`);
}
