/** The elements a stage is made of: canvases over one another, and a video nobody sees; refuses to draw. */

const FILL = "position:absolute;inset:0;width:100%;height:100%;display:block;pointer-events:none";

/**
 * Make the layers in an element.
 * @param {HTMLElement} root
 */
export function layers(root) {
  Object.assign(root.style, { position: "relative", overflow: "hidden", touchAction: "none", userSelect: "none" });
  root.setAttribute("role", "application");
  root.setAttribute("tabindex", "0");
  root.setAttribute("aria-label", "No clip");
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true, preload: "auto" });
  video.setAttribute("aria-hidden", "true");
  // It must count as visible, or browsers stop presenting its frames; the canvases cover it.
  video.style.cssText = "position:absolute;left:0;top:0;width:4px;height:4px;pointer-events:none";
  const [picture, masks, hand] = ["picture", "masks", "hand"].map((name) => {
    const canvas = document.createElement("canvas");
    canvas.className = `stage-${name}`;
    canvas.style.cssText = FILL;
    return canvas;
  });
  picture.getContext("2d", { alpha: false }); // nothing lies under it: need not be blended
  root.replaceChildren(video, picture, masks, hand);
  return {
    video,
    picture,
    masks,
    hand,
    size: () => ({ width: root.clientWidth, height: root.clientHeight }),
    describe: (text) => root.setAttribute("aria-label", text),
    brighten: (by) => {
      picture.style.filter = by === 1 ? "" : `brightness(${by})`;
    },
    clear: () => {
      for (const canvas of [picture, masks, hand]) canvas.width += 0; // setting the size wipes it
      root.setAttribute("aria-label", "No clip");
    },
  };
}
