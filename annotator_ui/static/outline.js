/** The rim of a mask as lines between pixels; refuses to know colours and canvases. */

/**
 * Return the straight pieces of the rim of a crop, each [x0, y0, x1, y1] in pixels of the crop.
 * @param {Uint8Array} pixels row by row
 * @param {number} width
 * @param {number} height
 * @returns {number[][]}
 */
export function rim(pixels, width, height) {
  const found = [];
  trace({ lines: height, length: width, line: width, along: 1, pixels }, (y, start, stop) => found.push([start, y, stop, y]));
  trace({ lines: width, length: height, line: 1, along: width, pixels }, (x, start, stop) => found.push([x, start, x, stop]));
  return found;
}

/** Tell every stretch where two neighbouring lines of pixels differ; beyond the crop there is nothing. */
function trace({ lines, length, line, along, pixels }, tell) {
  for (let at = 0; at <= lines; at++) {
    let start = -1;
    for (let i = 0; i < length; i++) {
      const here = at < lines ? pixels[at * line + i * along] : 0;
      const before = at > 0 ? pixels[(at - 1) * line + i * along] : 0;
      if (here !== before) {
        if (start < 0) start = i;
      } else if (start >= 0) {
        tell(at, start, i);
        start = -1;
      }
    }
    if (start >= 0) tell(at, start, length);
  }
}
