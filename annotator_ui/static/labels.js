/** Where the names of balls go so that they cover no ball; refuses to know how they are drawn. */

const GAP = 3; // CSS pixels between ball and name

/**
 * Place the names beside their balls, clear of all balls and of each other where there is room. A name stays on
 * the side it was on while that side is free, so that it does not jump about in playback.
 * @param {{track: number, box: number[], width: number, height: number}[]} items box [x0, y0, x1, y1] on the stage
 * @param {{sides?: Map<number, number>, room?: {width: number, height: number}}} [where] `sides`, track -> side of the
 *   last time, is brought up to date; names lie within the stage's `room` where they can
 * @returns {{track: number, x: number, y: number, width: number, height: number}[]} top left corners
 */
export function placeLabels(items, { sides = new Map(), room = null } = {}) {
  const taken = items.map(({ box }) => box);
  const inside = ([x0, y0, x1, y1]) => !room || (x0 >= 0 && y0 >= 0 && x1 <= room.width && y1 <= room.height);
  return items.map(({ track, box, width, height }) => {
    const choices = around(box, width, height);
    const order = [sides.get(track) ?? 0, ...choices.keys()];
    const clear = order.filter((side) => !taken.some((other) => overlap(choices[side], other)));
    const side = clear.find((one) => inside(choices[one])) ?? clear[0] ?? order.find((one) => !overlap(choices[one], box));
    sides.set(track, side);
    taken.push(choices[side]);
    return { track, x: choices[side][0], y: choices[side][1], width, height };
  });
}

function around([x0, y0, x1, y1], width, height) {
  const middle = (y0 + y1 - height) / 2;
  const centre = (x0 + x1 - width) / 2;
  const corners = [
    [x1 + GAP, y0 - height / 2],
    [x0 - GAP - width, y0 - height / 2],
    [x1 + GAP, y1 - height / 2],
    [x0 - GAP - width, y1 - height / 2],
    [x1 + GAP, middle],
    [x0 - GAP - width, middle],
    [centre, y0 - GAP - height],
    [centre, y1 + GAP],
  ];
  return corners.map(([x, y]) => [x, y, x + width, y + height]);
}

function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}
