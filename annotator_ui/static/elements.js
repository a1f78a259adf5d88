/** Makes elements. Text is always text: nothing that anybody typed becomes markup. */

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]  functions listen ("onclick"), null and false are left out
 * @param {string|Node|(string|Node)[]} [children]
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...[].concat(children).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Make a button with a key beside its text. */
export function button(text, key, onclick, more = {}) {
  return element("button", { type: "button", onclick, title: key ? `${text} (${key})` : text, ...more },
    [element("span", {}, text), key ? element("kbd", {}, key) : null]);
}

/**
 * Show these children, keeping those that are there already just so: a button that somebody is about to press must not
 * be another one when it is let go. What a listener does must therefore follow from what its element shows.
 * @param {Element} root
 * @param {(Node|null|false)[]} children
 */
export function renew(root, children) {
  const wanted = children.filter(Boolean);
  wanted.forEach((child, index) => {
    const there = root.childNodes[index];
    if (!there) root.append(child);
    else if (!there.isEqualNode(child)) there.replaceWith(child);
  });
  while (root.childNodes.length > wanted.length) root.lastChild.remove();
}
