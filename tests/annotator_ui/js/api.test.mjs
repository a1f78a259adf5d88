import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError, address, clipPath, createApi } from "../../../annotator_ui/static/api.js";

const answering = (status, body) => {
  const asked = [];
  const fetch = async (url, init) => {
    asked.push([url, init]);
    return { ok: status < 400, status, statusText: "", json: async () => body };
  };
  return { asked, api: createApi({ fetch }) };
};

test("addresses carry their query, without what is not known", () => {
  assert.equal(address("/next", { after: null, mode: "review" }), "/api/next?mode=review");
  assert.equal(address("/me"), "/api/me");
});

test("a clip's id may hold anything", () => {
  assert.equal(clipPath("a b/c?d", "/masks"), "/clips/a%20b%2Fc%3Fd/masks");
});

test("every change carries the token that /api/me gave, no question does", async () => {
  const { asked, api } = answering(200, { csrf: "secret" });
  await api.me();
  await api.post("/x", { a: 1 });
  await api.remove("/x", { tab: "t" }, { keepalive: true });
  assert.equal(asked[0][1].headers["X-CSRF-Token"], undefined);
  assert.equal(asked[1][1].headers["X-CSRF-Token"], "secret");
  assert.equal(asked[1][1].body, '{"a":1}');
  assert.deepEqual([asked[2][0], asked[2][1].method, asked[2][1].keepalive], ["/api/x?tab=t", "DELETE", true]);
});

test("what the server refuses is an error with its words and its kind", async () => {
  const { api } = answering(409, { error: "somebody was faster", kind: "StaleParent" });
  await assert.rejects(api.post("/x"), (error) =>
    error instanceof ApiError && error.status === 409 && error.kind === "StaleParent" && error.message === "somebody was faster");
});

test("a refusal without words still says something", async () => {
  const { api } = answering(502, null);
  await assert.rejects(api.get("/x"), /502/);
});

test("a server that is gone is an error that says what to look at", async () => {
  const api = createApi({ fetch: async () => { throw new TypeError("failed to fetch"); } });
  await assert.rejects(api.get("/x"), (error) => error.status === 0 && /engine serve ui/.test(error.message));
});

test("an answer without content is null", async () => {
  assert.equal(await answering(204, undefined).api.post("/x"), null);
});

/** An event source as browsers have it, driven by the test. */
class Source extends EventTarget {
  static made = [];

  constructor(url) { super(); this.url = url; this.readyState = 0; Source.made.push(this); }

  say(name, data) { this.dispatchEvent(Object.assign(new Event(name), { data: JSON.stringify(data) })); }

  close() { this.readyState = 2; this.closed = true; }
}

test("events come by name with their data, and the link's ups and downs are told", () => {
  const told = [];
  const stop = createApi({ EventSource: Source }).events("a b", "t1", {
    onEvent: (name, data) => told.push([name, data]), onLink: (up, again) => told.push([up, again]),
  });
  const source = Source.made.at(-1);
  assert.equal(source.url, "/api/clips/a%20b/events?tab=t1");
  source.onopen();
  source.say("drawn", { seq: 1 });
  source.onerror();
  source.onopen();
  assert.deepEqual(told, [[true, false], ["drawn", { seq: 1 }], [false, true], [true, true]]);
  stop();
  assert.ok(source.closed);
});

test("a stream that ended for good is opened anew", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const before = Source.made.length;
  const stop = createApi({ EventSource: Source }).events("a", "t", { onEvent: () => {}, onLink: () => {} });
  Source.made.at(-1).readyState = 2;
  Source.made.at(-1).onerror();
  context.mock.timers.tick(3000);
  assert.equal(Source.made.length, before + 2);
  stop();
});
