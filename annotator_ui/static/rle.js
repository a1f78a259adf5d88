/**
 * COCO's packed run lengths and the pixels of a crop; refuses to know whose mask it is and how it is painted.
 *
 * Runs go down the columns and begin with background. Packed: the difference to the run before the last one, five
 * bits a character, offset 48 (https://github.com/cocodataset/cocoapi, common/maskApi.c). Pixels here are a
 * Uint8Array of zeros and ones, row by row, as canvases want them.
 */

/**
 * Unpack run lengths.
 * @param {string} counts
 * @returns {number[]} lengths in pixels, background first
 */
export function unpack(counts) {
  const runs = [];
  let at = 0;
  while (at < counts.length) {
    let value = 0;
    let shift = 0;
    let code;
    do {
      if (at >= counts.length) throw new RangeError(`packed runs end inside a number: ${counts.slice(-20)}`);
      code = counts.charCodeAt(at++) - 48;
      if (code < 0 || code > 63) throw new RangeError(`not a packed run: ${counts.slice(at - 1, at + 10)}`);
      value += (code & 31) * 2 ** shift; // no << here: a run of background may need more than 31 bits
      shift += 5;
    } while (code & 32);
    if (code & 16) value -= 2 ** shift;
    runs.push(runs.length > 2 ? value + runs[runs.length - 2] : value);
  }
  return runs;
}

/**
 * Pack run lengths.
 * @param {number[]} runs
 * @returns {string}
 */
export function pack(runs) {
  let counts = "";
  for (let i = 0; i < runs.length; i++) counts += packed(i > 2 ? runs[i] - runs[i - 2] : runs[i]);
  return counts;
}

function packed(number) {
  let text = "";
  let rest = number;
  for (;;) {
    const low = ((rest % 32) + 32) % 32;
    rest = Math.floor(rest / 32);
    const done = low & 16 ? rest === -1 : rest === 0;
    text += String.fromCharCode(low + (done ? 0 : 32) + 48);
    if (done) return text;
  }
}

/**
 * Decode the packed runs of a `width` x `height` crop.
 * @param {string} counts
 * @param {number} width
 * @param {number} height
 * @returns {Uint8Array} zeros and ones, row by row
 */
export function decode(counts, width, height) {
  const pixels = new Uint8Array(width * height);
  let place = 0;
  let inside = false;
  for (const run of unpack(counts)) {
    const stop = place + run;
    if (run < 0 || stop > pixels.length) throw new RangeError(`runs do not fit a crop of ${width} x ${height}`);
    if (inside) fillColumns(pixels, place, stop, { width, height });
    place = stop;
    inside = !inside;
  }
  return pixels;
}

function fillColumns(pixels, start, stop, { width, height }) {
  let x = Math.floor(start / height);
  let y = start - x * height;
  for (let place = start; place < stop; place++) {
    pixels[y * width + x] = 1;
    if (++y === height) {
      y = 0;
      x++;
    }
  }
}

/**
 * Encode a crop that lies at `x`, `y` in a picture of `size` [height, width]: the bytes of the whole picture's mask.
 * @param {Uint8Array} pixels row by row
 * @param {{x: number, y: number, w: number, h: number}} box
 * @param {[number, number]} size
 * @returns {{size: [number, number], counts: string}}
 */
export function encodeWhole(pixels, { x, y, w, h }, [high, wide]) {
  if (x < 0 || y < 0 || x + w > wide || y + h > high) {
    throw new RangeError(`a crop of ${w} x ${h} at ${x}, ${y} reaches beyond ${wide} x ${high}`);
  }
  const edges = [];
  let last = 0;
  let place = 0;
  for (let column = 0; column < w; column++) {
    for (let row = 0; row <= h; row++) {
      // A column's foot and the next column's head touch only where the crop is as high as the picture.
      const value = row < h ? pixels[row * w + column] : 0;
      place = (x + column) * high + y + row;
      if (value !== last) toggle(edges, place);
      last = value;
    }
  }
  return { size: [high, wide], counts: pack(runsBetween(edges, high * wide)) };
}

function toggle(edges, place) {
  if (edges.length && edges[edges.length - 1] === place) edges.pop();
  else edges.push(place);
}

function runsBetween(edges, total) {
  const runs = [];
  let before = 0;
  for (const edge of edges) {
    runs.push(edge - before);
    before = edge;
  }
  if (before < total || runs.length === 0) runs.push(total - before);
  return runs;
}

/**
 * Encode a crop by itself, as rows carry it.
 * @param {Uint8Array} pixels row by row
 * @param {number} width
 * @param {number} height
 * @returns {string}
 */
export function encode(pixels, width, height) {
  return encodeWhole(pixels, { x: 0, y: 0, w: width, h: height }, [height, width]).counts;
}

/**
 * Say whether the crop holds the pixel, without decoding it.
 * @param {string} counts
 * @param {number} height of the crop
 * @param {number} x within the crop
 * @param {number} y within the crop
 * @returns {boolean}
 */
export function contains(counts, height, x, y) {
  const place = x * height + y;
  let stop = 0;
  let inside = false;
  for (const run of unpack(counts)) {
    stop += run;
    if (place < stop) return inside;
    inside = !inside;
  }
  return false;
}

/**
 * Count the pixels.
 * @param {string} counts
 * @returns {number}
 */
export function area(counts) {
  return unpack(counts).reduce((sum, run, i) => (i % 2 ? sum + run : sum), 0);
}
