/** Every command of the page by its name. Keys, buttons, menus, links and tests all come through here. */

import { createActions } from "./actions.js";
import { editCommands } from "./commands_edit.js";
import { flowCommands } from "./commands_flow.js";
import { viewCommands } from "./commands_view.js";
import { createHappenings } from "./happenings.js";
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
  context.actions = createActions(context);
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

  stage.addEventListener("frame", ({ detail }) => store.set({ frame: detail.frame, playing: detail.playing }));
  stage.addEventListener("select", ({ detail }) => { if (detail.track !== store.get().selected) run("select", detail.track); });
  for (const name of ["point", "box", "stroke"]) stage.addEventListener(name, ({ detail }) => run(name, detail));

  return {
    run, session: context.session, actions: context.actions,
    names: () => Object.keys(commands),
    /** The modes that keys depend on. */
    modes: () => [store.get().cursor ? "cursor" : "", inReview(store.get()) ? "review" : ""].filter(Boolean),
  };
}
