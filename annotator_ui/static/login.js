/** Logs in and goes on to the page. */

import { createApi } from "./api.js";

/** Return where to go after logging in: a path of this server, never another one. */
export function target(search) {
  const wanted = new URLSearchParams(search).get("next") ?? "";
  return /^\/(?![/\\])/.test(wanted) ? wanted : "/ui/";
}

async function submitted(form) {
  const said = form.querySelector(".refused");
  said.textContent = "";
  try {
    await createApi().post("/login", Object.fromEntries(new FormData(form)));
    location.assign(target(location.search));
  } catch (error) {
    said.textContent = error.message;
    form.elements.password.select();
  }
}

const form = globalThis.document?.getElementById("login");
form?.addEventListener("submit", (event) => { event.preventDefault(); submitted(form); });
