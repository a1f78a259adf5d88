/** Reads frame numbers back from the pixels of the page: [told, in the picture, in the masks]; -1 where nothing is. */
({ bits, block, cell, columns, frames }) => {
  const { stage } = window.annotator;
  const view = stage.view.now;
  const pens = {};
  for (const layer of ["picture", "masks"]) {
    pens[layer] = document.querySelector(`.stage-${layer}`).getContext("2d");
  }
  const at = (layer, x, y) => {
    const [left, top] = [view.x + x * view.scale, view.y + y * view.scale].map((length) => length * devicePixelRatio);
    return pens[layer].getImageData(left, top, 1, 1).data;
  };
  let picture = 0;
  for (let bit = 0; bit < bits; bit++) {
    if (at("picture", (bit + 0.5) * block, block / 2)[0] > 127) picture |= 1 << bit;
  }
  let masks = -1;
  for (let frame = 0; frame < frames; frame++) {
    const [column, line] = [frame % columns, Math.floor(frame / columns)];
    if (at("masks", (column + 0.5) * cell, block + (line + 0.5) * cell)[3] > 0) masks = frame;
  }
  return [stage.frame, picture, masks];
}
