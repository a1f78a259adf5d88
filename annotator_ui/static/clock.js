/** Frames and times of a video with a rate [n, d] of frames per second; refuses to know any video. */

const SLACK = 1e-3; // of a frame: a time that was rounded down a little still belongs to its frame

/** Return the frame that is shown at a time in seconds. */
export function frameAt(time, [n, d]) {
  return Math.floor((time * n) / d + SLACK);
}

/** Return the middle of a frame in seconds: where no rounding can reach its neighbours. */
export function timeOf(frame, [n, d]) {
  return ((frame + 0.5) * d) / n;
}
