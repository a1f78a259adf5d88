/** The rim of a mask as lines between pixels; refuses to know colours and canvases. */

/**
 * Return the straight pieces of the rim of a crop, each [x0, y0, x1, y1] in pixels of the crop.
 * @param {Uint8Array} pixels row by row
 * @param {number} width
 * @param {number} height
 * @returns {number[][]}
 */
export function rim(pixels, width, height) {
  const at = (x, y) => (x >= 0 && y >= 0 && x < width && y < height ? pixels[y * width + x] : 0);
  const across = pieces(height + 1, width, (y, x) => at(x, y) !== at(x, y - 1));
  const down = pieces(width + 1, height, (x, y) => at(x, y) !== at(x - 1, y));
  return [
    ...across.map(([y, start, stop]) => [start, y, stop, y]),
    ...down.map(([x, start, stop]) => [x, start, x, stop]),
  ];
}

function pieces(lines, length, differs) {
  const found = [];
  for (let line = 0; line < lines; line++) {
    let start = -1;
    for (let i = 0; i <= length; i++) {
      const on = i < length && differs(line, i);
      if (on && start < 0) start = i;
      if (!on && start >= 0) {
        found.push([line, start, i]);
        start = -1;
      }
    }
  }
  return found;
}
