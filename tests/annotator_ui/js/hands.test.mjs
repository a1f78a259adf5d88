import assert from "node:assert/strict";
import { after, test } from "node:test";

import { page, session, whole } from "./page_parts.mjs";
import { block } from "./shapes.mjs";

after(() => setImmediate(() => process.exit())); // open clips have a heartbeat

test("keys act on the frame that was asked for last, also before its picture is there", async () => {
  const { run, there, stage, store, said } = await page({ ui: { pin: async ({ state }) => `seen on ${state.frame}` }, state: { selected: 1, frame: 3 } });
  stage.going = 12; // two steps were asked for, the screen still shows frame 3
  await run("hide", "absent");
  assert.equal(said.at(-1), "#1 red is absent on frame 12");
  await run("remove", "from");
  await run("confirm");
  assert.deepEqual(there.sent().map(({ frame, frames }) => frame ?? frames), [12, [12, 100], [12, 13]]);
  await run("pin");
  assert.deepEqual(there.asked.at(-1)[1], { frame: 12, track: 1, text: "seen on 12" });
  run("loopIn");
  assert.equal(store.get().loop.in, 12);
});

test("a ball that undo takes away is no longer chosen, and it is said what was undone", async () => {
  const { run, store, stage, said } = await page({ answers: {
    "POST /clips/a/actions": { seq: 2, head: 8, tracks: whole().tracks.slice(0, 1), session: session() },
  } });
  store.set({ selected: 2, session: session({ undo: "box on ball #2" }) });
  await run("undo");
  assert.equal(store.get().selected, null);
  assert.deepEqual(stage.last("select"), [null]);
  assert.equal(said.at(-1), "undone: box on ball #2");
});

test("Ctrl-Z takes back a question in the picture before anything that was done", async () => {
  const { run, store, there, said } = await page({ state: { selected: 1, session: session({ undo: "click" }) } });
  let answer;
  store.set({ pick: { text: "", done: (track) => { answer = track; store.set({ pick: null }); } } });
  await run("undo");
  assert.equal(answer, null);
  run("newBall");
  await run("undo");
  assert.equal(store.get().adding, false);
  assert.match(said.at(-1), /cancelled/);
  assert.deepEqual(there.sent(), []);
});

test("repairs say what they did, and the menu of repairs needs a chosen ball", async () => {
  const { run, said, store } = await page({ ui: { menu: ({ frame }) => `menu on ${frame}` }, answers: {
    "POST /clips/a/actions": { seq: 1, head: 8, session: session({ undo: "delete ball #1" }) },
  } });
  await run("menu");
  assert.match(said.at(-1), /choose a ball first/);
  store.set({ selected: 1 });
  await run("remove", "all");
  assert.equal(said.at(-1), "done: delete ball #1 (Ctrl-Z takes it back)");
});

test("a mask that is not where one clicked is said, one that is there is not", async () => {
  const { run, stage, said } = await page({ state: { selected: 1 } });
  stage.rows = [block(1, [100, 100, 120, 120])];
  await run("point", { frame: 5, x: 110, y: 110, positive: true, hit: 1 });
  assert.equal(said.length, 0);
  await run("point", { frame: 5, x: 130, y: 110, positive: true, hit: null });
  assert.match(said.at(-1), /the mask of #1 red is not where you clicked/);
  await run("point", { frame: 5, x: 130, y: 110, positive: false, hit: null });
  assert.equal(said.length, 1);
});

test("the question for a class stands on the side where it does not hide the place", async () => {
  const sides = [];
  const { run } = await page({ ui: { pickClass: async ({ side }) => { sides.push(side); return null; } } });
  for (const x of [500, 20]) await run("point", { frame: 5, x, y: 300, positive: true, hit: null });
  await run("box", { frame: 5, box: [400, 300, 620, 320] });
  assert.deepEqual(sides, ["left", "right", "left"]);
});

test("a clip that somebody else hands on while it is open brings what they said, a click does not ask again", async () => {
  let stage = "submitted";
  const history = { move: "reject", actor: "eve", note: "look again", at: "" };
  const { there, store, actions } = await page({ answers: { "GET /clips/a": () => whole({ clip: { ...whole().clip, stage }, history: stage === "rejected" ? history : null }) } });
  stage = "rejected";
  there.say("state", { head: 7, changed: [], session: session(), stage });
  await new Promise((done) => { setTimeout(done); });
  assert.deepEqual(store.get().history, history);
  const asked = there.asked.length;
  there.say("state", { head: 8, changed: [], session: session(), stage: "in correction" });
  await actions.idle();
  assert.equal(there.asked.length, asked);
});
