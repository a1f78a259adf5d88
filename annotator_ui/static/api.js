/**
 * Talks to the server: JSON with the token against forged requests, and the stream of events of a clip.
 * Knows addresses and errors; refuses to know what the answers mean.
 */

/** What the server refused, or that it did not answer (status 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} kind  the server's name of the error: "StaleParent", "ClaimLost", ...
   * @param {string} message
   */
  constructor(status, kind, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.kind = kind;
  }
}

const GONE = "The server does not answer. Is `engine serve ui` still running? What you did until now is stored.";
const EVENTS = ["state", "drawn", "progress", "finished", "proposal", "doubts", "video", "model", "claim"];

/** Return an address below /api with its query; values that are null are left out. */
export function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `/api${path}${text ? `?${text}` : ""}`;
}

/** Return the path of a clip: its id may hold anything. */
export const clipPath = (clip, rest = "") => `/clips/${encodeURIComponent(clip)}${rest}`;

async function failure(answer) {
  const said = (await answer.json().catch(() => null)) ?? {};
  const text = typeof said.error === "string" ? said.error : `the server says ${answer.status} ${answer.statusText}`;
  return new ApiError(answer.status, said.kind ?? "", text);
}

/**
 * Make the connection to the server.
 * @param {{fetch?: typeof fetch, EventSource?: typeof EventSource}} [outside]
 */
export function createApi(outside = {}) {
  const ask = outside.fetch ?? ((...args) => fetch(...args));
  const Source = outside.EventSource ?? globalThis.EventSource;
  let csrf = "";

  async function request(method, path, { query, body, keepalive = false } = {}) {
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRF-Token"] = csrf;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const init = { method, headers, keepalive, credentials: "same-origin" };
    if (body !== undefined) init.body = JSON.stringify(body);
    let answer;
    try {
      answer = await ask(address(path, query), init);
    } catch {
      throw new ApiError(0, "Gone", GONE);
    }
    if (!answer.ok) throw await failure(answer);
    return answer.status === 204 ? null : answer.json();
  }

  return {
    /** Learn who we are, and the token that every change must carry. */
    async me() {
      const me = await request("GET", "/me");
      csrf = me.csrf;
      return me;
    },
    get: (path, query) => request("GET", path, { query }),
    post: (path, body = {}, options = {}) => request("POST", path, { body, ...options }),
    remove: (path, query, options = {}) => request("DELETE", path, { query, ...options }),
    /**
     * Listen to what happens to a clip. The browser connects again by itself; `onLink(true)` says that it did.
     * @param {string} clip
     * @param {string} tab
     * @param {{onEvent: (name: string, data: any) => void, onLink: (up: boolean, again: boolean) => void}} handlers
     * @returns {() => void} stop listening
     */
    events(clip, tab, { onEvent, onLink }) {
      return follow(() => new Source(address(clipPath(clip, "/events"), { tab })), { onEvent, onLink });
    },
  };
}

const AGAIN_MS = 3000;

/** Keep an event source open: some failures end it for good, so it is made anew. */
function follow(open, { onEvent, onLink }) {
  let source = null;
  let timer = 0;
  let before = false;
  let ended = false;
  const connect = () => {
    source = open();
    source.onopen = () => { onLink(true, before); before = true; };
    source.onerror = () => {
      onLink(false, before);
      if (source.readyState !== 2 || ended) return; // 0: the browser tries again itself
      clearTimeout(timer);
      timer = setTimeout(connect, AGAIN_MS);
    };
    for (const name of EVENTS) source.addEventListener(name, (event) => onEvent(name, JSON.parse(event.data)));
  };
  connect();
  return () => { ended = true; clearTimeout(timer); source.close(); };
}
