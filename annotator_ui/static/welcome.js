/** What stands in the middle while no clip is open: where to begin, or that the queue is done. */

import { button, element } from "./elements.js";
import { keyFor } from "./keys.js";

/** Return the words for this state: a heading and a sentence. Pure. */
export function words({ queue, opening }) {
  if (opening) return ["Opening …", ""];
  if (queue) return ["Nothing more in the queue", `${queue[0].toUpperCase()}${queue.slice(1)}. How far the dataset is stands at the left.`];
  return ["Ready when you are", "Take the next clip: the most doubtful come first. Or choose one at the left."];
}

/** Make the place that says so. */
export function createWelcome(root, { store, run }) {
  store.watch(["clip", "opening", "queue"], (state) => {
    root.hidden = Boolean(state.clip);
    if (state.clip) return;
    const [heading, sentence] = words(state);
    root.replaceChildren(element("h2", {}, heading), element("p", {}, sentence), element("p", { class: "answers" }, state.opening ? [] : [
      button("Next clip", keyFor("next"), () => run("nextClip"), { class: "primary" }),
      button("Next to review", "", () => run("nextReview")),
      button("Keys", keyFor("help"), () => run("help")),
    ]));
  });
}
