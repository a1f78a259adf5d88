/** On which frames each ball has a mask, as far as rows have been loaded. Pure; for the strip. */

/** @returns {{clear(frames: number): void, put(start: number, rows: Array): void, runs(track: number): number[][], version(): number}} */
export function createPresence() {
  let frames = 0;
  let tracks = new Map();
  let version = 0;

  /** The row of a track: 0 unknown or absent, 1 present. */
  const line = (track) => tracks.get(track) ?? tracks.set(track, new Uint8Array(frames)).get(track);

  return {
    clear(count) { frames = count; tracks = new Map(); version += 1; },
    /** Learn rows: each a list of [track, x, y, width, height, ...]. */
    put(start, rows) {
      for (const known of tracks.values()) known.fill(0, start, start + rows.length);
      rows.forEach((row, index) => {
        for (const [track, , , width] of row) if (width > 0) line(track)[start + index] = 1;
      });
      version += 1;
    },
    /** Return the half-open runs of frames where a track has a mask. */
    runs(track) {
      const found = [];
      const known = tracks.get(track) ?? new Uint8Array(0);
      for (let at = known.indexOf(1); at >= 0; at = known.indexOf(1, at)) {
        const end = known.indexOf(0, at);
        found.push([at, end < 0 ? frames : end]);
        if (end < 0) break;
        at = end;
      }
      return found;
    },
    /** Grows with every change. */
    version: () => version,
  };
}
