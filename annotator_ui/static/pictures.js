/**
 * Pictures of frames, each with the number of the frame it shows: taken from a video, or loaded one by one.
 * Refuses to know where they are drawn. A picture is {frame, source, width, height, exact, close()}.
 */

import { frameAt } from "./clock.js";

/**
 * Take what the video shows now.
 * @param {HTMLVideoElement} video
 * @param {number} mediaTime the time told by the browser, for where pictures do not carry theirs
 * @param {[number, number]} rate
 */
export function grab(video, mediaTime, rate) {
  if (typeof VideoFrame === "function") {
    const taken = new VideoFrame(video);
    return {
      frame: frameAt(taken.timestamp / 1e6, rate), // microseconds, of this very picture
      source: taken,
      width: video.videoWidth,
      height: video.videoHeight,
      exact: true,
      close: () => taken.close(),
    };
  }
  const copy = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  copy.getContext("2d").drawImage(video, 0, 0);
  return drawn(frameAt(mediaTime, rate), copy, true);
}

/**
 * Load single pictures; of several asks only the last is answered, and never twice at a time.
 * @param {function(number): string} urlOf
 */
export function posters(urlOf) {
  let wanted = null;
  let busy = false;
  let closed = false;
  async function work() {
    busy = true;
    while (wanted && !closed) {
      const { frame, done } = wanted;
      const image = new Image();
      image.src = urlOf(frame);
      const loaded = await image.decode().then(() => true, () => false);
      if (closed) break;
      if (wanted?.done === done) wanted = null;
      if (loaded) done(drawn(frame, image, false));
    }
    busy = false;
  }
  return {
    show(frame, done) {
      wanted = { frame, done };
      if (!busy) work();
    },
    close() {
      closed = true;
    },
  };
}

function drawn(frame, source, exact) {
  return {
    frame,
    source,
    width: source.naturalWidth ?? source.width,
    height: source.naturalHeight ?? source.height,
    exact,
    close() {},
  };
}
