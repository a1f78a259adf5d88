import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Player } from "../../../annotator_ui/static/player.js";
import { FakeVideo, withoutBrowser } from "./film.mjs";

const RATE = [30000, 1001];
const FRAMES = 100;
const settle = () => new Promise((later) => setTimeout(later, 0));

let video;
let player;
let shown;
let missing;

beforeEach(() => {
  missing = new Set();
  withoutBrowser(missing);
  video = new FakeVideo(RATE);
  player = new Player(video);
  shown = [];
  player.addEventListener("frame", ({ detail }) => shown.push(detail.frame));
});

const open = (more = {}) => player.open({ frames: FRAMES, rate: RATE, videoUrl: "film", posterUrl: (frame) => `picture ${frame}`, ...more });

/** A clip whose video is ready and rests on frame 0. */
async function ready() {
  open();
  video.loaded();
  await new Promise((later) => setTimeout(later, 5));
  shown.length = 0;
}

test("before there is a video a clip is shown from single pictures", async () => {
  open({ videoUrl: null });
  await settle();
  player.seek(42);
  await settle();
  assert.deepEqual(shown, [0, 42]);
  assert.equal(player.ready, false);
});

test("of single pictures asked for in a hurry the last one is shown", async () => {
  open({ videoUrl: null });
  await settle();
  for (const frame of [5, 6, 7, 8]) player.seek(frame);
  await settle();
  await settle();
  assert.equal(shown.at(-1), 8);
  assert.ok(shown.length < 5);
});

test("a single picture that is missing leaves the old one, with its own number", async () => {
  missing.add("picture 9");
  open({ videoUrl: null });
  await settle();
  player.seek(9);
  await settle();
  assert.equal(player.frame, 0);
  player.seek(10);
  await settle();
  assert.equal(player.frame, 10);
});

test("a seek shows nothing new until its frame is there", async () => {
  await ready();
  player.seek(50);
  assert.equal(player.frame, 0);
  assert.equal(player.target, 50);
  video.land();
  assert.deepEqual(shown, [50]);
});

test("seeks in a hurry are not queued: where one lands, the last one begins", async () => {
  await ready();
  for (let i = 0; i < 20; i++) player.step(1);
  assert.deepEqual(video.seeks, [1]);
  video.land();
  assert.deepEqual(video.seeks, [1, 20]);
  video.land();
  assert.equal(player.frame, 20);
  assert.equal(shown.at(-1), 20);
});

test("the number told is the one in the picture, not the one that was asked for", async () => {
  await ready();
  player.seek(50);
  video.seeking = false;
  video.present(49); // a browser that lands beside it
  assert.equal(player.frame, 49);
});

test("frames beyond the clip are its last and its first", async () => {
  await ready();
  player.seek(1000);
  video.land();
  player.seek(-5);
  video.land();
  assert.deepEqual(shown, [99, 0]);
});

test("a seek to where we are asks for nothing", async () => {
  await ready();
  player.seek(30);
  video.land();
  player.seek(30);
  assert.deepEqual(video.seeks, [30]);
});

test("a browser that presents nothing after a seek is looked at", async () => {
  await ready();
  player.seek(7);
  video.seeking = false;
  video.presented = 7;
  video.dispatchEvent(new Event("seeked"));
  await new Promise((later) => setTimeout(later, 160));
  assert.equal(player.frame, 7);
});

test("playing shows every frame that is presented, and pausing stays on the last one shown", async () => {
  await ready();
  player.play();
  for (let i = 0; i < 5; i++) video.advance();
  assert.deepEqual(shown, [1, 2, 3, 4, 5]);
  player.pause();
  assert.ok(video.paused);
  assert.equal(player.frame, 5);
  assert.equal(player.playing, false);
});

test("a video that ran on while pausing is brought back to what is shown", async () => {
  await ready();
  player.play();
  video.advance();
  video._at += 3 / 30; // not presented to us
  player.pause();
  assert.equal(video.seeks.at(-1), 1);
  video.land();
  assert.equal(player.frame, 1);
});

test("presented pictures that we never saw are counted; what pauses presented is not", async () => {
  await ready();
  player.play();
  video.advance();
  video.count += 2;
  video.advance(3);
  assert.equal(player.presented, 4);
  player.pause();
  player.seek(60);
  video.land();
  player.play();
  video.advance();
  assert.equal(player.presented, 5);
});

test("a loop begins anew and never shows what lies outside", async () => {
  await ready();
  player.setLoop([10, 13]);
  player.play();
  video.land();
  for (let i = 0; i < 2; i++) video.advance();
  assert.equal(video.seeks.at(-1), 10);
  video.present(13); // on the way back
  video.land();
  video.advance();
  assert.ok(shown.every((frame) => frame >= 10 && frame < 13), `${shown}`);
  assert.deepEqual(shown.slice(-2), [10, 11]);
});

test("at its end a clip rests on its last frame, and plays from the start when asked again", async () => {
  await ready();
  player.seek(98);
  video.land();
  player.play();
  video.advance();
  video.ended = true;
  video.dispatchEvent(new Event("ended"));
  assert.equal(player.playing, false);
  assert.equal(player.frame, 99);
  player.play();
  assert.equal(video.seeks.at(-1), 0);
});

test("the speed is kept for the next clip", async () => {
  await ready();
  player.setSpeed(2);
  await ready();
  player.play();
  assert.equal(video.playbackRate, 2);
});

test("a video that fails leaves single pictures in its place", async () => {
  await ready();
  video.dispatchEvent(new Event("error"));
  player.seek(12);
  await settle();
  await settle();
  assert.equal(player.ready, false);
  assert.equal(shown.at(-1), 12);
  player.close();
});

test("when the video comes the frame that is looked at stays", async () => {
  open({ videoUrl: null });
  player.seek(42);
  await settle();
  player.setVideo("film");
  video.loaded();
  assert.equal(player.frame, 42);
  video.land();
  assert.deepEqual([player.frame, player.picture.exact], [42, true]);
});

test("every picture is let go of but the one that is shown, and after closing that one too", async () => {
  await ready();
  for (const frame of [5, 50, 20]) {
    player.seek(frame);
    video.land();
  }
  player.play();
  for (let i = 0; i < 4; i++) video.advance();
  player.pause();
  assert.equal(video.open, 1);
  player.close();
  assert.equal(video.open, 0);
});

test("without VideoFrame a picture is copied, with the time the browser tells", async () => {
  globalThis.VideoFrame = undefined;
  globalThis.OffscreenCanvas = class {
    getContext() {
      return { drawImage() {} };
    }
  };
  open();
  video.loaded();
  await new Promise((later) => setTimeout(later, 5));
  player.seek(33);
  video.land();
  assert.equal(player.frame, 33);
});
