// Signing in, choosing a conversation, saying something.

import { Api, Refused } from "./api.js";
import { element } from "./blocks.js";
import { Conversation } from "./conversation.js";

const byId = (id) => document.getElementById(id);
const [entry, chat, account, status, stop] = ["entry", "chat", "account", "status", "stop"].map(byId);
const [tenants, sessions, message] = ["tenant", "session", "message"].map(byId);

let api = null;
let following = new AbortController();
let running = null;

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const trouble = form.querySelector(".trouble");
  trouble.textContent = "";
  try {
    const found = await Api.signIn(form.email.value, form.password.value);
    sessionStorage.setItem("entry", JSON.stringify({ token: found.access_token, tenants: found.tenants }));
    form.reset();
    await enter();
  } catch (error) {
    trouble.textContent = error.message;
  }
});

byId("sign-out").addEventListener("click", leave);
byId("new").addEventListener("click", () => guarded(() => open()));
tenants.addEventListener("change", () => guarded(() => choose(tenants.value)));
sessions.addEventListener("change", () => guarded(() => open(sessions.value)));

byId("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = message.value.trim();
  if (text) guarded(() => say(text));
});

message.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("say").requestSubmit();
  }
});

stop.addEventListener("click", () => guarded(() => api.send("POST", `sessions/${sessions.value}/turns/${running}/cancel`)));

async function enter() {
  const kept = JSON.parse(sessionStorage.getItem("entry") ?? "null");
  if (!kept?.tenants.length) return;
  tenants.replaceChildren(...kept.tenants.map((one) => element("option", one.name, { value: one.tenant_id })));
  entry.hidden = true;
  account.hidden = chat.hidden = false;
  await guarded(() => choose(kept.tenants[0].tenant_id, kept.token));
}

function leave() {
  following.abort();
  sessionStorage.clear();
  api = null;
  entry.hidden = false;
  account.hidden = chat.hidden = true;
}

async function choose(tenant, token = api.token) {
  api = new Api(token, tenant);
  const { items } = await api.send("GET", "sessions?limit=30");
  sessions.replaceChildren(...items.map(option));
  await open(items[0]?.id);
}

async function open(session) {
  if (!session) {
    const made = await api.send("POST", "sessions", {});
    sessions.prepend(option(made));
    session = made.id;
  }
  sessions.value = session;
  following.abort();
  following = new AbortController();
  tell("", null);
  const conversation = new Conversation(byId("log"), tell);
  const { signal } = following;
  guarded(() => api.follow(`sessions/${session}/events`, (event) => conversation.take(event), signal));
  message.focus();
}

async function say(text) {
  await api.send("POST", `sessions/${sessions.value}/turns`, { message: text }, { "Idempotency-Key": key() });
  message.value = "";
  const chosen = sessions.selectedOptions[0];
  chosen.textContent = (await api.send("GET", `sessions/${sessions.value}`)).title;
}

function tell(text, turn) {
  status.textContent = text;
  if (turn !== undefined) {
    running = turn;
    stop.hidden = turn === null;
  }
}

function option({ id, title }) {
  return element("option", title, { value: id });
}

function key() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Whatever fails is said where people look; a token that has ended leads back to the door.
async function guarded(act) {
  try {
    await act();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) leave();
    else tell(error.message);
  }
}

enter();
