/** The list of clips at the left: opens what is clicked, marks what is open, asks for it anew when that changes. Knows no server. */

/**
 * Attend to the list, which others make: buttons with `data-clip`.
 * @param {Document} page
 * @param {{store: object, run: Function}} parts
 */
export function createClips(page, { store, run }) {
  page.addEventListener("click", ({ target }) => {
    const line = target.closest?.("[data-clip]");
    if (line && line.dataset.clip !== store.get().clipId) run("open", line.dataset.clip);
  });
  const mark = () => {
    const { clipId } = store.get();
    for (const line of page.querySelectorAll("[data-clip]")) {
      if (line.dataset.clip === clipId) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    }
  };
  const list = page.getElementById("clips");
  if (list) new MutationObserver(mark).observe(list, { childList: true, subtree: true });
  let before = "";
  store.watch(["clipId", "clip"], ({ clipId, clip }) => {
    mark();
    const now = `${clipId} ${clip?.stage}`;
    if (now !== before) page.getElementById("refresh")?.click();
    before = now;
  });
}
