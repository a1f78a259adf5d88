/** Short messages at the edge of the page, read out to those who do not see them. */

import { element } from "./elements.js";

const STAYS_MS = 4500;
const ERROR_MS = 12_000;
const MOST = 4;

/**
 * Make the place for messages.
 * @param {HTMLElement} root
 * @returns {{say(text: string): void, error(text: string): void}}
 */
export function createToasts(root) {
  root.setAttribute("aria-live", "polite");
  const show = (text, kind, stays) => {
    const same = [...root.children].find((child) => child.dataset.text === text);
    same?.remove();
    const made = element("div", { class: `toast ${kind}`, role: kind === "error" ? "alert" : "status", "data-text": text }, [
      element("span", {}, text),
      element("button", { type: "button", "aria-label": "close", onclick: () => made.remove() }, "×"),
    ]);
    root.append(made);
    while (root.children.length > MOST) root.firstChild.remove();
    setTimeout(() => made.remove(), stays);
  };
  return { say: (text) => show(text, "said", STAYS_MS), error: (text) => show(text, "error", ERROR_MS) };
}
