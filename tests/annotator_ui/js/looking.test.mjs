import assert from "node:assert/strict";
import { after, test } from "node:test";

import { page, whole } from "./page_parts.mjs";

after(() => setImmediate(() => process.exit())); // open clips have a heartbeat

const doubtful = { start: 40, stop: 50, frame: 41, track: 2, sign: "vanished", severity: 0.9, why: "gone" };
const led = (more = {}) => page({ answers: {
  "GET /clips/a": whole({ doubts: { revision: 7, computing: false, visits: [{ frame: 41, severity: 0.9, doubts: [doubtful] }], all: [doubtful] } }),
}, ...more });

test("N goes to the doubtful place and chooses its ball; whoever goes on has looked at it, here and on the server", async () => {
  const { run, store, stage, there, said } = await led();
  await run("nextVisit");
  assert.deepEqual(stage.last("player.seek"), [41]);
  assert.equal(store.get().selected, 2);
  store.set({ frame: 41 });
  assert.deepEqual(store.get().looked, []); // landing is not looking
  await run("nextVisit");
  assert.deepEqual(there.asked.at(-1), ["POST /clips/a/look", { start: 41, stop: 42, track: 2 }]);
  assert.match(said.at(-1), /every doubtful place has been looked at/);
});

test("a doubtful place counts as looked at when one leaves it, and not where one never came to", async () => {
  const { run, store } = await led();
  await run("nextVisit");
  store.set({ frame: 7 }); // on the way there
  assert.deepEqual(store.get().looked, []);
  await run("nextVisit"); // before it was on the screen
  assert.deepEqual(store.get().looked, []);
  store.set({ frame: 41 });
  store.set({ frame: 42 });
  assert.deepEqual(store.get().looked, [[41, 42, 2]]);
});

test("a doubtful place counts as looked at after a moment there", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { run, store } = await led();
  await run("nextVisit");
  store.set({ frame: 41 });
  t.mock.timers.tick(1400);
  assert.deepEqual(store.get().looked, []);
  t.mock.timers.tick(200);
  assert.deepEqual(store.get().looked, [[41, 42, 2]]);
});

test("a clip that is left takes no look with it", async () => {
  const { run, store, there } = await led();
  await run("nextVisit");
  store.set({ frame: 41 });
  store.set({ clipId: "b" });
  assert.ok(!there.asked.some(([what]) => what.endsWith("/look")));
});
