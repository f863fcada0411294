// For somebody who is signed in: choosing a tenant and a conversation, saying something.

import { Api } from "./api.js";
import { selfLimit } from "./approvals.js";
import { Attachments } from "./attachments.js";
import { Conversation } from "./conversation.js";
import { button, element } from "./elements.js";
import { keepEndInView } from "./ending.js";
import { People } from "./people.js";
import { Requests } from "./requests.js";
import { Waiting } from "./waiting.js";
import { key } from "./words.js";

const PLACE = "place"; // where one was, for a reload: ids, nothing secret

export class Workplace {
  #api = null;
  #following = new AbortController();
  #running = null;

  constructor(access) {
    this.access = access;
    this.at = (id) => document.getElementById(id);
    keepEndInView(this.at("log"));
    this.waiting = new Waiting(this.at("waiting"), this.at("request"), (text) => this.tell(text));
    this.people = new People(this.at("team"));
    this.attachments = new Attachments(() => this.#showAttached());
    this.at("attach").addEventListener("change", ({ target }) => this.#guarded(() => this.#attach(target)));
    this.at("people").addEventListener("click", () => this.#guarded(() => this.#showPeople()));
    this.at("tenant").addEventListener("change", ({ target }) => this.#guarded(() => this.#choose(target.value)));
    this.at("session").addEventListener("change", ({ target }) => this.#guarded(() => this.#follow(target.value)));
    this.at("new").addEventListener("click", () => this.#guarded(() => this.#follow()));
    this.at("stop").addEventListener("click", () => this.#guarded(() => this.#stop()));
    this.at("say").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.at("message").value.trim();
      if (text) this.#guarded(() => this.#say(text));
    });
    this.at("message").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.at("say").requestSubmit();
    });
  }

  get open() {
    return !this.at("chat").hidden;
  }

  async begin(tenant) {
    const { user, tenants } = this.access.entry;
    this.at("account").hidden = this.at("chat").hidden = false;
    this.at("person").textContent = user.name;
    this.at("tenant").replaceChildren(...tenants.map((one) => element("option", one.name, { value: one.tenant_id })));
    if (tenants.length === 0) return this.tell("You are in no company yet: somebody there has to invite you.", null);
    const known = (id) => tenants.find(({ tenant_id }) => tenant_id === id);
    const active = tenants.find(({ status }) => status === "active");
    const place = known(tenant) ?? known(kept().tenant) ?? active ?? tenants[0];
    await this.#guarded(() => this.#choose(place.tenant_id, kept().session));
  }

  end() {
    this.#following.abort();
    this.waiting.end();
    this.people.close();
    this.attachments.clear();
    sessionStorage.removeItem(PLACE);
    this.#api = null;
    this.at("log").replaceChildren();
    this.at("session").replaceChildren();
    this.tell("", null);
    this.at("account").hidden = this.at("chat").hidden = true;
  }

  // A request may be of any of this person's tenants: the letter's link does not say which.
  async openRequest(id) {
    const tenants = this.access.entry.tenants.map(({ tenant_id }) => tenant_id);
    const here = this.#api?.tenant;
    for (const tenant of [here, ...tenants.filter((one) => one !== here)]) {
      const found = await new Api(this.access, tenant).send("GET", `approvals/${id}`).catch(() => null);
      if (!found) continue;
      if (tenant !== here) await this.#guarded(() => this.#choose(tenant));
      this.waiting.requests.take(found);
      this.waiting.open(id);
      return;
    }
    this.tell("There is no such request, or it is not yours to see.");
  }

  async #choose(tenant, wanted) {
    this.#following.abort();
    this.waiting.end();
    this.attachments.clear();
    this.at("tenant").value = tenant;
    this.at("log").replaceChildren();
    this.at("session").replaceChildren();
    const api = new Api(this.access, tenant);
    this.#api = api;
    const { items } = await api.send("GET", "sessions?limit=30");
    const { settings } = await api.send("GET", "settings");
    if (this.#api !== api) return; // somebody was quicker to choose another
    this.waiting.begin(new Requests(this.#api, this.#person(tenant, settings), () => this.waiting.show()));
    this.at("session").replaceChildren(...items.map(option));
    await this.#follow((items.find(({ id }) => id === wanted) ?? items[0])?.id);
  }

  #person(tenant, settings) {
    const { user, tenants } = this.access.entry;
    const { role } = tenants.find(({ tenant_id }) => tenant_id === tenant);
    return { id: user.id, role, selfLimit: selfLimit(settings) };
  }

  async #follow(session) {
    if (!session) {
      const made = await this.#api.send("POST", "sessions", {}, { "Idempotency-Key": key() });
      this.at("session").prepend(option(made));
      session = made.id;
    }
    this.at("session").value = session;
    sessionStorage.setItem(PLACE, JSON.stringify({ tenant: this.#api.tenant, session }));
    this.#following.abort();
    this.#following = new AbortController();
    this.tell("", null);
    const api = this.#api;
    const fetchFile = (file) => this.#guarded(() => fetched(api, file));
    const conversation = new Conversation(
      this.at("log"),
      (...told) => this.tell(...told),
      this.waiting.requests,
      fetchFile,
    );
    const { signal } = this.#following;
    const take = (event) => conversation.take(event);
    this.#guarded(() => api.follow(`sessions/${session}/events`, take, signal));
    if (!document.querySelector("dialog[open]")) this.at("message").focus();
  }

  async #say(text) {
    const session = this.at("session").value;
    const { ids: files } = this.attachments;
    await this.#api.send("POST", `sessions/${session}/turns`, { message: text, files }, { "Idempotency-Key": key() });
    this.at("message").value = "";
    this.attachments.clear(files);
    const { title } = await this.#api.send("GET", `sessions/${session}`);
    const shown = this.at("session").querySelector(`[value="${session}"]`);
    if (shown) shown.textContent = title;
  }

  async #attach(input) {
    const [api, chosen] = [this.#api, [...input.files]];
    input.value = ""; // or the same file could not be chosen again
    await this.attachments.add(chosen, (file) => api.upload("files", file, { "Idempotency-Key": key() }));
  }

  #showAttached() {
    const shown = this.attachments.files.map(({ id, name }) => {
      const one = element("li", name);
      one.append(button("×", () => this.attachments.drop(id), { "aria-label": `Without ${name}` }));
      return one;
    });
    this.at("attached").replaceChildren(...shown);
  }

  async #showPeople() {
    if (this.waiting.requests) await this.people.open(this.#api, this.waiting.requests.person);
  }

  async #stop() {
    await this.#api.send("POST", `sessions/${this.at("session").value}/turns/${this.#running}/cancel`);
  }

  tell(text, turn) {
    this.at("status").textContent = text;
    if (turn === undefined) return;
    this.#running = turn;
    this.at("stop").hidden = turn === null;
  }

  // Whatever fails is said where people look.
  async #guarded(act) {
    try {
      await act();
    } catch (error) {
      this.tell(error.message);
    }
  }
}

// By a link of its own: the browser then saves it as it saves any file.
async function fetched(api, file) {
  const { url } = await api.send("POST", `files/${file.id}/link`);
  element("a", "", { href: new URL(url).pathname, download: file.name }).click();
}

function option({ id, title }) {
  return element("option", title, { value: id });
}

function kept() {
  return JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
}
