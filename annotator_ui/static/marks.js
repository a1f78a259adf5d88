/** The marks of a person's hand: clicks, boxes, cursors, strokes; refuses to know what they lead to. */

import { paintSheet, pathOf, rgba } from "./atlas.js";

const YES = "#19d463";
const NO = "#ff3b5c";

/**
 * Draw the clicks of prompts: a green plus for "belongs to it", a red minus for "does not".
 * @param {CanvasRenderingContext2D} pen in picture pixels
 * @param {{points: number[][], chosen: boolean, waiting?: boolean}[]} prompts
 * @param {number} line a CSS pixel in picture pixels
 */
export function paintDots(pen, prompts, line) {
  for (const { points, chosen, waiting } of prompts) {
    pen.globalAlpha = waiting ? 0.75 : chosen ? 1 : 0.5;
    for (const [x, y, positive] of points) dot(pen, [x, y], positive, line);
  }
  pen.globalAlpha = 1;
}

function dot(pen, [x, y], positive, line) {
  const r = 4.5 * line; // small beside a ball of twenty pixels
  pen.beginPath();
  pen.arc(x, y, r, 0, 2 * Math.PI);
  pen.fillStyle = positive ? YES : NO;
  pen.fill();
  pen.lineWidth = line;
  pen.strokeStyle = "#ffffff";
  pen.stroke();
  pen.lineWidth = 1.5 * line;
  pen.beginPath();
  pen.moveTo(x - r / 2, y);
  pen.lineTo(x + r / 2, y);
  if (positive) {
    pen.moveTo(x, y - r / 2);
    pen.lineTo(x, y + r / 2);
  }
  pen.stroke();
}

/** Draw the boxes of prompts. */
export function paintBoxes(pen, prompts, line) {
  for (const { box, chosen } of prompts) if (box) paintBox(pen, box, line, chosen ? YES : "#9fe8bd");
}

/** Draw one box [x0, y0, x1, y1], dashed. */
export function paintBox(pen, [x0, y0, x1, y1], line, color = YES) {
  pen.strokeStyle = color;
  pen.lineWidth = 1.5 * line;
  pen.setLineDash([5 * line, 3 * line]);
  pen.strokeRect(x0, y0, x1 - x0, y1 - y0);
  pen.setLineDash([]);
}

/** Draw the ring of brush (or eraser) with a radius in picture pixels. */
export function paintRing(pen, [x, y], radius, line, erase = false) {
  for (const [color, width] of [["rgba(0, 0, 0, 0.8)", 3], [erase ? NO : "#ffffff", 1.5]]) {
    pen.beginPath();
    pen.arc(x, y, Math.max(radius, line), 0, 2 * Math.PI);
    pen.strokeStyle = color;
    pen.lineWidth = width * line;
    pen.stroke();
  }
}

/** Draw the keyboard's cross. */
export function paintCross(pen, [x, y], line) {
  for (const [color, width] of [["rgba(0, 0, 0, 0.8)", 4], ["#ffe14d", 2]]) {
    pen.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      pen.moveTo(x + 4 * line * dx, y + 4 * line * dy);
      pen.lineTo(x + 14 * line * dx, y + 14 * line * dy);
    }
    pen.strokeStyle = color;
    pen.lineWidth = width * line;
    pen.stroke();
  }
}

/** Draw the mask a stroke has made so far: {x, y, w, h, pixels}. */
export function paintCrop(pen, crop, color, line) {
  if (!crop.w || !crop.h) return;
  const { sheet, places } = paintSheet([{ ...crop, layers: [{ pixels: crop.pixels, color: rgba(color, 0.55) }] }]);
  pen.drawImage(sheet, ...places[0], crop.w, crop.h, crop.x, crop.y, crop.w, crop.h);
  pen.strokeStyle = "#ffffff";
  pen.lineWidth = 1.5 * line;
  pen.stroke(pathOf(crop.pixels, crop));
}
