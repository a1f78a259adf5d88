/** Puts the annotator together where the page has a place for it. The only module that knows all the others. */

import { createApi } from "./api.js";
import { createBanners, createMode } from "./banners.js";
import { createBar, createFoot } from "./bar.js";
import { createClips } from "./clips.js";
import { createController } from "./controller.js";
import * as dialogs from "./dialogs.js";
import { element } from "./elements.js";
import { listen } from "./keys.js";
import * as menus from "./menus.js";
import { createPanel } from "./panel.js";
import { createPlaces } from "./places.js";
import { createPresence } from "./presence.js";
import { createStage } from "./stage.js";
import { createStore } from "./state.js";
import { createStrip } from "./strip.js";
import { createToasts } from "./toasts.js";
import { createWelcome } from "./welcome.js";

const CLIPS_SHOWN = "clips";

/** Return the places of the page, made inside its root. */
function rooms(root) {
  const names = ["bar", "banners", "stage", "mode", "welcome", "panel", "foot", "strip", "toasts"];
  const made = Object.fromEntries(names.map((name) => [name, element("div", { class: name })]));
  root.replaceChildren(...Object.values(made));
  return made;
}

/**
 * Return a name for this tab that it keeps when it goes elsewhere and comes back, so that its claims stay its own.
 * A tab that was duplicated has a copy of the name; who holds the lock of that name is the one who keeps it.
 */
async function tabName() {
  const known = sessionStorage.getItem("tab");
  const fresh = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const tab = known && await isOurs(known) ? known : fresh;
  if (tab === fresh) await isOurs(fresh);
  sessionStorage.setItem("tab", tab);
  return tab;
}

/** Say whether no other living page has this name, and keep it as long as this page lives. */
function isOurs(name) {
  if (!navigator.locks) return performance.getEntriesByType("navigation")[0]?.type === "reload"; // plain HTTP from afar has no locks
  return new Promise((resolve) => {
    navigator.locks.request(`annotator tab ${name}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {}); // held until the page is gone
    });
  });
}

function toggleClips() {
  const shown = document.body.dataset.clips !== "off";
  document.body.dataset.clips = shown ? "off" : "on";
  localStorage.setItem(CLIPS_SHOWN, document.body.dataset.clips);
}

/** What asks people, with what it needs to know. */
const questions = (store, run) => ({
  ...dialogs,
  pickClass: menus.pickClass,
  pickBall: (asked) => menus.pickBall({ store, ...asked }),
  menu: (state) => menus.repairs({ state, run }),
  toggleClips,
});

/** A button that was pressed with the mouse gives the keys back to the picture. */
function giveFocusBack(stage) {
  const focus = () => stage.focus({ preventScroll: true });
  const clicked = (event) => {
    const pressed = event.target.closest?.("button, #clips label");
    if (!pressed || !event.detail || event.target.closest("dialog")) return;
    focus(); // before the button does anything: a dialog that it opens gives the focus back to where it was
    if (pressed.matches("label")) setTimeout(focus); // a label gives its field the focus after the click
  };
  document.addEventListener("click", clicked, { capture: true });
}

async function start(root) {
  const here = rooms(root);
  const store = createStore();
  const [api, presence, toasts, tab] = [createApi(), createPresence(), createToasts(here.toasts), await tabName()];
  const stage = createStage(here.stage);
  let run = () => {};
  const ui = questions(store, (...command) => run(...command));
  const places = createPlaces({ store });
  const controller = createController({ store, api, stage, presence, toasts, ui, tab, places });
  run = controller.run;
  const parts = { store, stage, presence, run };
  createBar(here.bar, parts);
  createFoot(here.foot, parts);
  createBanners(here.banners, parts);
  createMode(here.mode, parts);
  createPanel(here.panel, parts);
  createStrip(here.strip, parts);
  createWelcome(here.welcome, parts);
  createClips(document, parts);
  listen(document, { run, modes: controller.modes });
  giveFocusBack(here.stage);
  addEventListener("pagehide", () => controller.session.release());
  addEventListener("pageshow", (event) => { if (event.persisted) run("reload"); });
  globalThis.annotator = { stage, run, get state() { return store.get(); }, store, idle: controller.actions.idle, commands: controller.names };
  await begin({ api, store, toasts, run, stage: here.stage });
}

/** Say who we are, then open the clip that the address names. */
async function begin({ api, store, toasts, run, stage }) {
  document.body.classList.add("dark"); // Gradio's own parts follow
  document.body.dataset.clips = localStorage.getItem(CLIPS_SHOWN) ?? "on";
  try {
    store.set({ me: await api.me() });
    document.body.dataset.login = store.get().me.login ? "on" : "off";
  } catch (error) {
    if (error.status === 401) location.assign("/login");
    toasts.error(error.message);
    return;
  }
  const asked = new URLSearchParams(location.search);
  if (asked.get("clip")) await run("open", asked.get("clip"), asked.get("frame"));
  stage.focus({ preventScroll: true });
}

/** Start as soon as the page has made the annotator's place. */
function whenThere(id, ready) {
  const found = document.getElementById(id);
  if (found) { ready(found); return; }
  const watcher = new MutationObserver(() => {
    const made = document.getElementById(id);
    if (!made) return;
    watcher.disconnect();
    ready(made);
  });
  watcher.observe(document.documentElement, { childList: true, subtree: true });
}

whenThere("corrector", start);
