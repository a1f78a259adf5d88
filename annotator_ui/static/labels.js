/** Where the names of balls go so that they cover no ball; refuses to know how they are drawn. */

const GAP = 3; // CSS pixels between ball and name

/**
 * Place the names beside their balls, clear of all balls and of each other. Where there is no room for a name there may
 * be for its short form; otherwise the ball goes without, but for the chosen one. A name stays on the side it was on
 * while that side is free, so that it does not jump about in playback.
 * @param {{track: number, box: number[], widths: [number, number], height: number, chosen?: boolean}[]} items `box` is
 *   [x0, y0, x1, y1] on the stage, `widths` are of the whole name and its short form
 * @param {{sides?: Map<number, number>, room?: {width: number, height: number}}} [where] `sides`, track -> side of the
 *   last time, is brought up to date; names lie within the stage's `room` where they can
 * @returns {{track: number, form: number, x: number, y: number, width: number, height: number}[]} top left corners;
 *   form 1 is the short one
 */
export function placeLabels(items, { sides = new Map(), room = null } = {}) {
  const taken = items.map(({ box }) => box);
  const inside = ([x0, y0, x1, y1]) => !room || (x0 >= 0 && y0 >= 0 && x1 <= room.width && y1 <= room.height);
  const order = [...items].sort((a, b) => Boolean(b.chosen) - Boolean(a.chosen));
  return order.flatMap((item) => {
    const choices = choicesOf(item, sides.get(item.track) ?? 0);
    const clear = choices.filter(({ box }) => !taken.some((other) => overlap(box, other)));
    const best = clear.find(({ box }) => inside(box)) ?? clear[0] ?? (item.chosen ? choices[0] : null);
    if (!best) return [];
    sides.set(item.track, best.side);
    taken.push(best.box);
    const [x, y, right] = best.box;
    return [{ track: item.track, form: best.form, x, y, width: right - x, height: item.height }];
  });
}

function choicesOf({ box, widths, height }, before) {
  return widths.flatMap((width, form) => {
    const places = around(box, width, height).map((place, side) => ({ form, side, box: place }));
    return [places[before], ...places];
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
