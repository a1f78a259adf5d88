import assert from "node:assert/strict";
import { after, test } from "node:test";

import { KEYS } from "../../../annotator_ui/static/keys.js";
import { stretches, without } from "../../../annotator_ui/static/actions.js";
import { page, refusal, session, whole } from "./page_parts.mjs";

after(() => setImmediate(() => process.exit())); // open clips have a heartbeat

const point = (stage, detail) => stage.dispatchEvent(Object.assign(new Event("point"), { detail }));

test("every key of the table has a command", async () => {
  const { names } = await page();
  const known = new Set(names());
  assert.deepEqual([...new Set(KEYS.map(({ command }) => command))].filter((command) => !known.has(command)), []);
});

test("opening a clip claims it first, then shows what the server knows", async () => {
  const { there, store, stage } = await page();
  assert.deepEqual(there.asked.slice(0, 2).map(([what]) => what), ["POST /clips/a/claim", "GET /clips/a"]);
  assert.equal(store.get().head, 7);
  assert.equal(stage.last("open")[0].videoUrl, "/v.mp4");
  assert.equal(stage.last("setTracks")[0].length, 2);
});

test("a link to a frame opens that frame, and one beyond the end the last", async () => {
  const { run, stage } = await page();
  await run("open", "a", "12");
  assert.deepEqual(stage.last("player.seek"), [12]);
  await run("open", "a", "9999");
  assert.deepEqual(stage.last("player.seek"), [99]);
});

test("without a clip, commands say what to do first", async () => {
  const { run, said, store } = await page();
  store.set({ clip: null });
  await run("spread");
  assert.match(said.at(-1), /open a clip first/);
});

test("an unknown command is a mistake in the page", async () => {
  const { run } = await page();
  assert.throws(() => run("fly"), /no command fly/);
});

test("a click on the chosen ball is one action, with the newest revision", async () => {
  const { stage, there, idle, actions } = await page({ state: { selected: 1 } });
  point(stage, { frame: 5, x: 110, y: 110, positive: true, hit: 1 });
  await actions.idle();
  const [, body] = there.asked.at(-1);
  assert.deepEqual(body, { tab: "t", head: 7, action: { kind: "prompt", frame: 5, track: 1, point: [110, 110, true] } });
  assert.equal(idle, undefined);
});

test("actions go strictly one after the other, each with the revision that the one before made", async () => {
  const heads = [];
  let running = 0;
  const { run, actions } = await page({ answers: {
    "POST /clips/a/actions": async ({ head }) => {
      assert.equal(running += 1, 1);
      heads.push(head);
      await new Promise((done) => { setTimeout(done, 2); });
      running -= 1;
      return { seq: head, head: head + 1 };
    },
  }, state: { selected: 1 } });
  for (let time = 0; time < 4; time += 1) run("hide", "absent");
  await actions.idle();
  assert.deepEqual(heads, [7, 8, 9, 10]);
});

test("new masks in an answer are shown at once, other changed frames are loaded anew", async () => {
  const { run, stage } = await page({ answers: {
    "POST /clips/a/actions": { seq: 1, head: 8, changed: [[3, 6]], rows: { 4: [[1, 0, 0, 1, 1, "x", 1]] } },
  }, state: { selected: 1 } });
  await run("hide", "absent");
  assert.deepEqual(stage.last("putRows"), [{ 4: [[1, 0, 0, 1, 1, "x", 1]] }]);
  assert.deepEqual(stage.last("refresh"), [[[3, 4], [5, 6]]]);
});

test("where the clip has changed meanwhile, the page catches up and says so", async () => {
  let times = 0;
  const { run, store, said } = await page({ answers: {
    "GET /clips/a": () => whole({ head: (times += 1) === 1 ? 7 : 9 }),
    "POST /clips/a/actions": refusal(409, "StaleParent"),
  }, state: { selected: 1 } });
  await run("hide", "absent");
  assert.equal(store.get().head, 9);
  assert.match(said.at(-1), /changed meanwhile/);
});

test("where somebody else holds the clip, the page becomes read-only and says who", async () => {
  let times = 0;
  const { run, store, said, there } = await page({ answers: {
    "POST /clips/a/claim": () => ((times += 1) === 1 ? { held: true, user: "ana" } : { held: false, user: "bo" }),
    "POST /clips/a/actions": refusal(423, "ClaimLost", "bo works on the clip"),
  }, state: { selected: 1 } });
  await run("hide", "absent");
  assert.equal(store.get().claim.user, "bo");
  await run("hide", "absent");
  assert.match(said.at(-1), /bo works on this clip/);
  assert.equal(there.sent().length, 1);
});

test("a clip that the page before is only just letting go of is ours after a moment", async () => {
  let times = 0;
  const { there } = await page({ answers: { "POST /clips/a/claim": () => ({ held: (times += 1) > 1, user: "ana" }) } });
  assert.deepEqual(there.asked.slice(0, 3).map(([what]) => what), ["POST /clips/a/claim", "POST /clips/a/claim", "GET /clips/a"]);
});

test("a claim that had only run out is taken again", async () => {
  const { run, said } = await page({ answers: { "POST /clips/a/actions": refusal(423, "ClaimLost") }, state: { selected: 1 } });
  await run("hide", "absent");
  assert.match(said.at(-1), /yours again/);
});

test("a click where there is no ball asks for the class, and makes a new ball of it", async () => {
  const { run, there, store } = await page({ ui: { pickClass: async () => ({ label: "red" }) }, answers: {
    "POST /clips/a/actions": { seq: 1, head: 8, tracks: [...whole().tracks, { id: 3, label: "red", color: "#0f0" }] },
  } });
  await run("point", { frame: 5, x: 500, y: 300, positive: true, hit: null });
  assert.deepEqual(there.sent(), [{ kind: "prompt", frame: 5, track: 3, point: [500, 300, true], label: "red" }]);
  assert.equal(store.get().selected, 3);
});

test("a click that is taken back in the question sends nothing", async () => {
  const { run, there } = await page({ ui: { pickClass: async () => null } });
  await run("point", { frame: 5, x: 500, y: 300, positive: true, hit: null });
  assert.deepEqual(there.sent(), []);
});

test("Enter propagates what waits, Shift-Enter within the range, and neither where nothing waits", async () => {
  const { run, there, said, store } = await page();
  await run("spread");
  assert.match(said.at(-1), /nothing to propagate/);
  store.set({ session: session({ pending: { 1: [5] } }), loop: { in: 2, out: 9, on: false } });
  await run("spread");
  await run("spreadRange");
  assert.deepEqual(there.sent(), [{ kind: "spread", tracks: null, frames: null }, { kind: "spread", tracks: null, frames: [2, 9] }]);
});

test("Esc while propagating stops it on the server at once", async () => {
  const { run, there, store } = await page({ state: { progress: { seq: 1, done: 1, total: 50 } } });
  await run("escape");
  assert.deepEqual(there.asked.at(-1), ["POST /clips/a/stop", { tab: "t" }]);
  store.set({ progress: null, selected: 1 });
  await run("escape");
  assert.equal(store.get().selected, null);
});

test("repairs of identity are for the chosen ball, from this frame on or in the range", async () => {
  const { run, there, store } = await page({ ui: { pickBall: async () => 2, pickClass: async () => ({ label: "pink" }) }, state: { selected: 1, frame: 30 } });
  for (const name of ["swap", "split", "merge", "relabel"]) await run(name);
  await run("remove", "from");
  await run("remove", "to");
  await run("remove", "here");
  store.set({ loop: { in: 5, out: 8, on: false } });
  await run("fill");
  assert.deepEqual(there.sent().map(({ deed, frames, other, label }) => [deed, frames, other, label]), [
    ["swap", [30, 100], 2, undefined], ["split", [30, 100], 3, "pink"], ["merge", [0, 100], 2, undefined], ["relabel", [0, 100], undefined, "pink"],
    ["delete", [30, 100], undefined, undefined], ["delete", [0, 31], undefined, undefined], ["delete", [30, 31], undefined, undefined],
    ["fill", [5, 8], undefined, undefined],
  ]);
});

test("a repair without a chosen ball says how to choose one", async () => {
  const { run, there, said } = await page();
  await run("swap");
  assert.match(said.at(-1), /choose a ball first/);
  assert.deepEqual(there.sent(), []);
});

test("undo and redo are sent only where there is something to take back", async () => {
  const { run, there, said, store } = await page();
  await run("undo");
  assert.equal(said.at(-1), "nothing to undo");
  store.set({ session: session({ undo: "click", redo: "click" }) });
  await run("undo");
  store.set({ session: session({ undo: "click", redo: "click" }) });
  await run("redo");
  assert.deepEqual(there.sent(), [{ kind: "undo" }, { kind: "redo" }]);
});

test("numbers choose balls, two digits quickly one after the other a ball above nine", async () => {
  const { run, store } = await page();
  store.set({ tracks: [...store.get().tracks, { id: 12, label: "red", color: "#f00" }] });
  run("digit", "1");
  assert.equal(store.get().selected, 1);
  run("digit", "2");
  assert.equal(store.get().selected, 12);
});

test("a clip with nothing doubtful says so", async () => {
  const { run, said } = await page();
  await run("nextVisit");
  assert.match(said.at(-1), /nothing doubtful/);
});

test("live masks of a propagation are shown as they come; its end says how much changed", async () => {
  const { stage, store, there, said } = await page();
  there.say("progress", { seq: 2, done: 3, total: 10, seconds_left: 1 });
  assert.equal(store.get().progress.done, 3);
  there.say("drawn", { seq: 2, rows: { 9: [] } });
  assert.deepEqual(stage.last("putRows"), [{ 9: [] }]);
  there.say("finished", { seq: 2, head: 9, changed: [[5, 25]], frames: 20, stopped: true, error: null });
  assert.equal(store.get().progress, null);
  assert.equal(store.get().head, 9);
  assert.match(said.at(-1), /stopped; 20 frames changed/);
});

test("a propagation that failed takes its live masks back and says why", async () => {
  const { stage, store, there, said } = await page({ state: { progress: { done: 1, total: 2 } } });
  there.say("drawn", { seq: 2, rows: { 5: [], 6: [] } });
  there.say("drawn", { seq: 2, rows: { 9: [] } });
  there.say("finished", { seq: 2, head: 7, changed: [], error: "the model died" });
  assert.deepEqual(stage.last("refresh"), [[[5, 7], [9, 10]]]);
  assert.equal(said.at(-1), "error: the model died");
  assert.equal(store.get().progress, null);
});

test("after the link was lost, the truth is fetched again", async () => {
  const { there, store } = await page();
  const before = there.asked.length;
  there.link(false, true);
  assert.equal(store.get().link, false);
  there.link(true, true);
  assert.equal(there.asked[before][0], "GET /clips/a");
});

test("the video is shown as soon as it is ready", async () => {
  const { stage, there } = await page({ answers: { "GET /clips/a": whole({ video: { url: "/v.mp4", ready: false, progress: 0 } }) } });
  assert.equal(stage.last("open")[0].videoUrl, null);
  there.say("video", { ready: true, progress: 1 });
  assert.deepEqual(stage.last("setVideo"), ["/v.mp4"]);
});

test("what would change accepted frames is asked about, and the answer goes back with its number", async () => {
  const { run, there, store } = await page();
  there.say("proposal", { seq: 5, frames: [[1, 3]], tracks: [], rows: {}, total_frames: 2 });
  assert.equal(store.get().proposal.seq, 5);
  await run("answerProposal", "unconfirmed");
  assert.deepEqual(there.asked.at(-1), ["POST /clips/a/proposal", { tab: "t", seq: 5, answer: "unconfirmed" }]);
});

test("masks that are only proposed are not left on the screen as if they were stored", async () => {
  const { stage, there } = await page();
  there.say("drawn", { seq: 2, rows: { 5: [] } });
  there.say("proposal", { seq: 2, frames: [[5, 6]], tracks: [], rows: {}, total_frames: 1 });
  assert.deepEqual(stage.last("refresh"), [[[5, 6]]]);
});

test("a question that was open when the page was left is asked again, once the clip is on the stage", async () => {
  const proposal = { seq: 5, frames: [[1, 3]], tracks: [], rows: {}, total_frames: 2 };
  const { run, store, stage } = await page({ answers: { "GET /clips/a": whole({ proposal }) } });
  const opened = [];
  store.watch(["proposal"], (state) => { if (state.proposal) opened.push(stage.told.filter(([name]) => name === "open").length); });
  await run("open", "a");
  assert.deepEqual(opened, [1, 2]);
});

test("ranges lose frames and are made of frames, in order", () => {
  assert.deepEqual(without([[0, 5], [8, 10]], [0, 2, 3]), [[1, 2], [4, 5], [8, 10]]);
  assert.deepEqual(without([[0, 2]], [0, 1]), []);
  assert.deepEqual(stretches([7, 3, 4, 9]), [[3, 5], [7, 8], [9, 10]]);
  assert.deepEqual(stretches([]), []);
});

test("a proposal that is answered in another tab is no longer asked", async () => {
  const { stage, store, there } = await page();
  there.say("proposal", { seq: 5, frames: [[1, 3]], tracks: [], rows: {}, total_frames: 2 });
  there.say("finished", { seq: 5, head: 8, changed: [[1, 3]], frames: 2, stopped: false, error: null });
  assert.equal(store.get().proposal, null);
  assert.deepEqual(stage.last("showDiff"), [null]);
});

test("submitting asks first, then goes on with the next clip", async () => {
  const { run, there, said } = await page({ ui: { submit: async () => ({ note: "done" }) }, answers: {
    "POST /clips/a/move": { stage: "submitted" }, "GET /next": { clip: null, why: "the queue is empty" },
  } });
  await run("submit");
  const moved = there.asked.find(([what]) => what === "POST /clips/a/move")[1];
  assert.deepEqual(moved, { tab: "t", move: "submit", head: 7, note: "done" });
  assert.equal(said.at(-1), "the queue is empty");
  assert.equal(there.asked.at(-1)[0], "DELETE /clips/a/claim"); // others can take it now
});

test("where nothing follows, a clip that was not handed in stays open", async () => {
  const { run, store, said } = await page({ answers: { "GET /next": { clip: null, why: "the queue is empty" } } });
  await run("next");
  assert.equal(said.at(-1), "the queue is empty");
  assert.equal(store.get().clipId, "a");
});

test("verdicts are a reviewer's, and a rejection needs its reason", async () => {
  const submitted = whole({ clip: { ...whole().clip, stage: "submitted" } });
  const answers = { "GET /clips/a": submitted, "POST /clips/a/move": { stage: "rejected" }, "GET /next": { clip: null, why: "no more" } };
  const annotator = await page({ answers });
  await annotator.run("accept");
  assert.match(annotator.said.at(-1), /only a reviewer/);
  const asks = [null, "wrong ball"];
  const reviewer = await page({ answers, me: { user: "ana", role: "reviewer" }, ui: { reason: async () => asks.shift() } });
  await reviewer.run("reject");
  assert.ok(!reviewer.there.asked.some(([what]) => what === "POST /clips/a/move"));
  await reviewer.run("reject");
  assert.equal(reviewer.there.asked.find(([what]) => what === "POST /clips/a/move")[1].note, "wrong ball");
});

test("the keyboard's cursor moves, clicks as the mouse does, and goes away with Esc", async () => {
  const { run, store, stage, there, modes, actions } = await page({ state: { selected: 1 } });
  await run("cursor");
  assert.deepEqual(modes(), ["cursor"]);
  await run("moveCursor", 8, 0);
  assert.deepEqual(store.get().cursor, [118, 110]);
  await run("moveCursor", -8000, 0);
  assert.deepEqual(stage.cross, [0, 110]);
  await run("moveCursor", 118, 0);
  await run("clickCursor", false);
  await actions.idle();
  assert.deepEqual(there.sent().at(-1).point, [118.5, 110.5, false]);
  await run("escape");
  assert.equal(store.get().cursor, null);
  assert.equal(stage.cross, null);
});

test("a click that only chooses a ball leaves no dot, one that corrects leaves it at once", async () => {
  const { stage, actions } = await page({ state: { selected: 1 } });
  const shown = (detail) => stage.dispatchEvent(Object.assign(new Event("point", { cancelable: true }), { detail }));
  assert.equal(shown({ frame: 5, x: 310, y: 110, positive: true, hit: 2 }), false);
  assert.equal(shown({ frame: 5, x: 310, y: 110, positive: true, hit: 2 }), true);
  await actions.idle();
});

test("where the model sees no ball, the page says what else to try", async () => {
  const { run, said, stage } = await page({ state: { selected: 3, tracks: [{ id: 3, label: "red", color: "#f00" }] } });
  await run("point", { frame: 5, x: 500, y: 300, positive: true, hit: null });
  assert.match(said.at(-1), /sees no ball there/);
  assert.deepEqual(stage.told.at(-1), ["setPrompts", []]);
});

test("a refused action takes its dot back", async () => {
  const { run, stage } = await page({ answers: { "POST /clips/a/actions": refusal(400, "InputError", "outside") }, state: { selected: 1 } });
  await run("hide", "absent");
  assert.deepEqual(stage.told.at(-1), ["setPrompts", []]);
});

test("a remark is about the chosen ball on this frame", async () => {
  const { run, there, store } = await page({ ui: { pin: async () => "look here" }, state: { selected: 2, frame: 9 }, answers: {
    "POST /clips/a/pins": { id: 1, frame: 9, track: 2, author: "ana", text: "look here", resolved_by: "" }, "POST /pins/1/resolve": { resolved_by: "ana" },
  } });
  await run("pin");
  assert.deepEqual(there.asked.at(-1), ["POST /clips/a/pins", { frame: 9, track: 2, text: "look here" }]);
  await run("resolvePin", 1);
  assert.equal(store.get().pins[0].resolved_by, "ana");
});

test("a range is marked with I and O, played over with L, and cleared with L", async () => {
  const { run, store, stage, said } = await page();
  run("loop");
  assert.match(said.at(-1), /mark a range first/);
  store.set({ frame: 10 });
  run("loopIn");
  store.set({ frame: 19 });
  run("loopOut");
  run("loop");
  assert.deepEqual(stage.last("player.setLoop"), [[10, 20]]);
  run("loop");
  assert.deepEqual(store.get().loop, { in: null, out: null, on: false });
});

test("going close makes the ball a quarter of the stage, in its middle", async () => {
  const { run, stage, said, store } = await page({ state: { selected: 1 } });
  await run("centre");
  assert.deepEqual(stage.last("player.zoomAt"), [5]);
  assert.deepEqual(stage.last("player.centerOn"), [[100, 100, 120, 120]]);
  store.set({ selected: null });
  await run("centre");
  assert.match(said.at(-1), /choose a ball/);
});

test("whoever has gone close is led to the next place as close, or sees the whole picture where the ball is not there", async () => {
  const doubt = (track) => ({ start: 40, stop: 50, frame: 41, track, sign: "vanished", severity: 0.9, why: "gone" });
  const { run, stage } = await page();
  await run("visit", { frame: 41, severity: 0.9, doubts: [doubt(2)] });
  assert.equal(stage.last("player.centerOn"), undefined);
  stage.view.now = { ...stage.view.now, scale: 8 };
  await run("visit", { frame: 41, severity: 0.9, doubts: [doubt(2)] });
  assert.deepEqual(stage.last("player.centerOn"), [[300, 100, 320, 120]]);
  await run("visit", { frame: 41, severity: 0.9, doubts: [doubt(9)] });
  assert.deepEqual(stage.last("player.fit"), []);
});
