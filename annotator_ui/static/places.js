/** Where a person was in each clip, and how the picture looked, so that a reload comes back to it. Knows this tab's own storage. */

const DISPLAY = "display";
const PLACE = "place ";

/**
 * Make the memory.
 * @param {{store: object, storage?: Storage}} parts
 */
export function createPlaces({ store, storage = globalThis.sessionStorage }) {
  const read = (name) => {
    try { return JSON.parse(storage?.getItem(name) ?? "null"); } catch { return null; } // storage may be full, forbidden, or of another version
  };
  const write = (name, value) => {
    try { storage?.setItem(name, JSON.stringify(value)); } catch { /* the place is forgotten, nothing else */ }
  };
  store.set({ display: { ...store.get().display, ...read(DISPLAY) } });
  store.watch(["display"], ({ display }) => write(DISPLAY, { ...display, only: false }));
  store.watch(["frame", "selected", "playing"], ({ clip, frame, selected, playing, opening }) => {
    if (clip && !playing && !opening) write(PLACE + clip.id, { frame, selected });
  });
  return {
    /** Return {frame, selected} of a clip, or null where nobody was. */
    of: (clip) => read(PLACE + clip),
  };
}
