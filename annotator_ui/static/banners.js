/** What must not be overlooked: the server is gone, somebody else works here, work was cut short, accepted frames would change. */

import { button, element, renew } from "./elements.js";
import { summary } from "./hints.js";
import { mayTakeOver, nameOf, readOnly, rejection } from "./state.js";

/** Make the place for banners above the picture. */
export function createBanners(root, parts) {
  const { store } = parts;
  store.watch(["link", "model", "claim", "clip", "unfinished", "proposal", "me", "history", "session"], (state) =>
    renew(root, [gone(state), model(state), claimed(state, parts), handed(state), unfinished(state, parts), proposal(state, parts)]));
  store.watch(["proposal"], (state) => present(state, parts, root));
}

/** Make the place over the picture that says what the next click is for, while it is for something else than usual. */
export function createMode(root, { store, run }) {
  store.watch(["pick", "adding"], (state) => {
    const text = modeOf(state);
    renew(root, [text && element("span", { role: "status" }, [text, button("Cancel", "Esc", () => run("escape"))])]);
  });
}

/** Return what the next click in the picture is for, "" where it is for what it always is. Pure. */
export const modeOf = ({ pick, adding }) => pick?.text ?? (adding ? "Click the new ball, or drag a box around it" : "");

const banner = (kind, text, ...more) => element("div", { class: `banner ${kind}`, role: kind === "info" ? "status" : "alert" }, [element("span", {}, text), ...more]);

const gone = ({ link }) => (link ? null : banner("bad", "The server is gone: trying again. What you did until now is stored."));

function model({ model: now }) {
  if (now.state === "ready") return null;
  return banner(now.state === "died" ? "bad" : "info", now.state === "died"
    ? `The process that draws has died and is being started again${now.why ? `: ${now.why}` : ""}.` : "The model is starting: the first click takes a little longer.");
}

function claimed(state, { run }) {
  const why = state.clip ? readOnly(state) : "";
  if (!why || !state.claim?.user || state.claim.held) return null;
  const own = state.claim.user === state.me?.user;
  const text = own ? "You have this clip open in another tab; here you can only look." : `${why}.`;
  return banner("warn", text, mayTakeOver(state) ? button("Take over", "", () => run("takeOver"), { "data-command": "takeOver" }) : null);
}

/** What the person before said: the reason of a rejection or of reopening for who corrects, the remark of a submission for who judges. */
function handed(state) {
  const rejected = rejection(state);
  if (rejected) return banner("warn", `Rejected by ${rejected.actor}: ${rejected.note || "no reason was given"}`);
  if (state.clip?.stage === "in correction" && state.history?.move === "reopen" && state.history.note) {
    return banner("warn", `Reopened by ${state.history.actor}: ${state.history.note}`);
  }
  if (state.clip?.stage !== "submitted" || state.history?.move !== "submit") return null;
  const { actor, note } = state.history;
  const changed = summary(state.session.counts).join(", ");
  return banner("info", `Submitted by ${actor}: ${note ? `${note} · ` : ""}${changed || "nothing was changed"}`);
}

function unfinished({ unfinished: work }, { run }) {
  if (!work) return null;
  return banner("warn", `The server stopped while this was under way: ${work.what}.`,
    button("Do it again", "", () => run("answerUnfinished", "again"), { class: "primary", "data-answer": "again" }),
    button("Leave it", "", () => run("answerUnfinished", "drop"), { "data-answer": "drop" }));
}

/** Show what would change where it can be seen best, with the careful answer at hand. */
function present({ proposal: asked }, { run, stage }, root) {
  if (!asked) return;
  const frames = framesOf(asked);
  stage.showDiff(asked.rows);
  if (frames.length) run("seek", frames[Math.floor(frames.length / 2)]); // at the click itself the least has changed
  root.querySelector(".ask .primary")?.focus();
}

const framesOf = (asked) => Object.keys(asked.rows).map(Number).sort((one, other) => one - other);

function proposal(state, { run }) {
  const asked = state.proposal;
  if (!asked) return null;
  return banner("ask", `${asked.total_frames} confirmed frame${asked.total_frames === 1 ? "" : "s"} would change. Green would be added, red taken away.`,
    element("div", { class: "diff-tracks" }, asked.tracks.map((each) => element("span", {},
      `${nameOf(state, each.track)}: ${each.frames} frame${each.frames === 1 ? "" : "s"}, +${each.pixels_added} −${each.pixels_removed} px`))),
    element("div", { class: "diff-frames", role: "group", "aria-label": "Frames that would change" }, framesOf(asked).map((frame) =>
      element("button", { type: "button", onclick: () => run("seek", frame) }, String(frame)))),
    element("div", { class: "answers" }, [
      button("Change them too", "", () => run("answerProposal", "all"), { "data-answer": "all" }),
      button("Only the other frames", "", () => run("answerProposal", "unconfirmed"), { class: "primary", "data-answer": "unconfirmed" }),
      button("Change nothing", "", () => run("answerProposal", "none"), { "data-answer": "none" }),
    ]));
}
