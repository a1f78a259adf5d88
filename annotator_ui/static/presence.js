/** On which frames each ball has a mask, as far as rows have been loaded. Pure; for the strip. */

/** Make what remembers it. */
export function createPresence() {
  let frames = 0;
  let tracks = new Map();
  let known = new Uint8Array(0);
  let version = 0;

  /** The row of a track: 0 unknown or absent, 1 present. */
  const line = (track) => tracks.get(track) ?? tracks.set(track, new Uint8Array(frames)).get(track);

  return {
    /** Begin a clip of so many frames. */
    clear(count) {
      frames = count;
      tracks = new Map();
      known = new Uint8Array(count);
      version += 1;
    },
    /** Learn rows: each a list of [track, x, y, width, height, ...]. */
    put(start, rows) {
      for (const each of tracks.values()) each.fill(0, start, start + rows.length);
      rows.forEach((row, index) => {
        for (const [track, , , width] of row) if (width > 0) line(track)[start + index] = 1;
      });
      known.fill(1, start, start + rows.length);
      version += 1;
    },
    /** Doubt what is known of ranges of frames; it is shown until it is known anew. */
    forget(ranges) {
      for (const [start, stop] of ranges) known.fill(0, start, stop);
    },
    /** Return the first run of frames that must be asked for, at most `most` long; null where all is known. */
    unknown(most) {
      const start = known.indexOf(0);
      if (start < 0) return null;
      const end = known.indexOf(1, start);
      return [start, Math.min(start + most, end < 0 ? frames : end)];
    },
    /** Return the half-open runs of frames where a track has a mask. */
    runs: (track) => runsOf(tracks.get(track) ?? new Uint8Array(0)),
    /** Grows with every change. */
    version: () => version,
  };
}

function runsOf(line) {
  const found = [];
  for (let at = line.indexOf(1); at >= 0;) {
    const end = line.indexOf(0, at);
    found.push([at, end < 0 ? line.length : end]);
    at = end < 0 ? -1 : line.indexOf(1, end);
  }
  return found;
}
