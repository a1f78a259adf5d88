/** Random numbers that are the same in every run, so that a failure comes back. */

/** Return roll(n): a whole number from 0 up to, but not, n. */
export function dice(seed) {
  let state = seed * 2654435761 + 12345;
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 13), 3266489917) >>> 0;
    mixed = (mixed ^ (mixed >>> 16)) >>> 0;
    return Math.floor((mixed / 2 ** 32) * n);
  };
}

/** Return so many zeros and ones, in lumps as masks have them. */
export function noise(roll, length) {
  let value = roll(2);
  return Uint8Array.from({ length }, () => {
    if (roll(4) === 0) value = 1 - value;
    return value;
  });
}
