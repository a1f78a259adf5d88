/**
 * Where the picture lies on the screen: zoom and pan as plain values; refuses to know what is painted.
 *
 * A View is {scale, x, y, picture: {width, height}, screen: {width, height}}: one picture pixel is `scale` CSS pixels
 * wide, and the picture's top left corner lies at (x, y) of the stage. Views are never changed, only replaced.
 */

/** The most CSS pixels a picture pixel may take. */
export const CLOSEST = 16;
/** From here on pixels are shown as the squares they are. */
export const SHARP = 3;
const MARGIN = 0.25; // of the screen that stays picture, however far one pans

/**
 * Show the whole picture, centred.
 * @param {{width: number, height: number}} picture
 * @param {{width: number, height: number}} screen
 */
export function fitted(picture, screen) {
  const scale = fitScale(picture, screen);
  const x = (screen.width - picture.width * scale) / 2;
  const y = (screen.height - picture.height * scale) / 2;
  return Object.freeze({ scale, x, y, picture, screen });
}

/** Say whether the view shows the whole picture as `fitted` would. */
export function isFitted(view) {
  return Math.abs(view.scale - fitScale(view.picture, view.screen)) < 1e-9;
}

/** Return the place on the stage of a place in the picture, both [x, y]; whole numbers are pixels' corners. */
export function toScreen(view, [x, y]) {
  return [view.x + x * view.scale, view.y + y * view.scale];
}

/** Return the place in the picture of a place on the stage, both [x, y]. */
export function toPicture(view, [x, y]) {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}

/** Zoom by `factor`, the picture staying where it is under (x, y) of the stage; the middle unless told. */
export function zoomed(view, factor, x = view.screen.width / 2, y = view.screen.height / 2) {
  const least = fitScale(view.picture, view.screen);
  const scale = Math.min(CLOSEST, Math.max(least, view.scale * factor));
  if (scale === least) return fitted(view.picture, view.screen);
  const [px, py] = toPicture(view, [x, y]);
  return held({ ...view, scale, x: x - px * scale, y: y - py * scale });
}

/** Move the picture by CSS pixels. */
export function panned(view, dx, dy) {
  return held({ ...view, x: view.x + dx, y: view.y + dy });
}

/** Put the middle of a box [x0, y0, x1, y1] into the middle of the stage, at the zoom there is. */
export function centred(view, [x0, y0, x1, y1]) {
  const x = view.screen.width / 2 - ((x0 + x1) / 2) * view.scale;
  const y = view.screen.height / 2 - ((y0 + y1) / 2) * view.scale;
  return held({ ...view, x, y });
}

/** Keep what is in the middle there when the stage changes its size. */
export function resized(view, screen) {
  if (isFitted(view)) return fitted(view.picture, screen);
  const [px, py] = toPicture(view, [view.screen.width / 2, view.screen.height / 2]);
  return centred(zoomed({ ...view, screen }, 1), [px, py, px, py]);
}

function fitScale(picture, screen) {
  const scale = Math.min(screen.width / picture.width, screen.height / picture.height);
  return Math.min(CLOSEST, Math.max(scale, 1e-3)); // a stage not laid out yet has no size
}

function held(view) {
  const { picture, screen, scale } = view;
  const x = kept(view.x, picture.width * scale, screen.width);
  const y = kept(view.y, picture.height * scale, screen.height);
  return Object.freeze({ ...view, x, y });
}

function kept(offset, length, room) {
  if (length <= room) return (room - length) / 2;
  const slack = room * MARGIN;
  return Math.min(slack, Math.max(room - length - slack, offset));
}
