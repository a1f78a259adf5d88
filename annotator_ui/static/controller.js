/** Every command of the page by its name. Keys, buttons, menus, links and tests all come through here. */

import { createActions } from "./actions.js";
import { editCommands } from "./commands_edit.js";
import { flowCommands } from "./commands_flow.js";
import { viewCommands } from "./commands_view.js";
import { createHappenings } from "./happenings.js";
import { ofPoint } from "./meaning.js";
import { createSession } from "./session.js";
import { inReview } from "./state.js";

const WITHOUT_CLIP = new Set(["open", "next", "nextClip", "nextReview", "help", "clips", "logout", "escape"]);

/**
 * Make the controller.
 * @param {{store: object, api: object, stage: EventTarget, presence: object, toasts: object, ui: object, tab: string}} parts
 * @returns {{run: (command: string, ...args: any[]) => any, modes: () => string[], names: () => string[], session: object, actions: object}}
 */
export function createController(parts) {
  const { store, toasts, stage } = parts;
  const context = { ...parts, run };
  /** The state with the frame that was asked for last: keys act on where one went, also before its picture is there. */
  context.now = () => ({ ...store.get(), frame: stage.player.target });
  context.actions = createActions({ ...context, claim: () => context.session.claim() });
  context.onEvent = createHappenings(context);
  context.session = createSession(context);
  const commands = { ...viewCommands(context), ...editCommands(context), ...flowCommands(context) };

  /** Run a command; one that fails says why instead of throwing. */
  function run(name, ...args) {
    const command = commands[name];
    if (!command) throw new Error(`no command ${name}; there are ${Object.keys(commands).join(", ")}`);
    if (!store.get().clip && !WITHOUT_CLIP.has(name)) return toasts.say("open a clip first: Page Down takes the next one");
    return new Promise((done) => { done(command(...args)); }).catch((error) => toasts.error(error.message));
  }

  hear(stage, { store, toasts, run });
  return {
    run, session: context.session, actions: context.actions,
    names: () => Object.keys(commands),
    /** The modes that keys depend on. */
    modes: () => [store.get().cursor ? "cursor" : "", inReview(store.get()) ? "review" : ""].filter(Boolean),
  };
}

/** Let what the hand does on the stage become commands. */
function hear(stage, { store, toasts, run }) {
  const on = (name, told) => stage.addEventListener(name, told);
  for (const name of ["frame", "playing"]) on(name, ({ detail }) => store.set({ frame: Math.max(0, detail.frame), playing: detail.playing }));
  on("select", ({ detail }) => run("select", detail.track));
  on("point", (event) => {
    const { detail } = event;
    const drawn = ["prompt", "ask"].includes(ofPoint(store.get(), stage.rowAt(detail.frame), detail).do);
    if (!drawn) event.preventDefault(); // no dot for a click that only chooses a ball
    run("point", detail);
  });
  for (const name of ["box", "stroke"]) on(name, ({ detail }) => run(name, detail));
  on("brush", ({ detail }) => run("brushSize", detail.way));
  on("refused", ({ detail }) => toasts.say(detail.why));
  on("error", ({ detail }) => toasts.error(detail.error.message));
}
