// The tenant's requests for approval that this page has met: kept current, decided, withdrawn.

import { choices, fromEvent, latest, statusAt } from "./approvals.js";

const SOON = 50; // milliseconds: a replayed conversation brings many events at once

export class Requests {
  #known = new Map();
  #watchers = new Map(); // of one request each, by its id
  #due = new Set();
  #stopped = false;

  // `changed` hears of everything that was learnt.
  constructor(api, person, changed, { now = Date.now, later = (act) => setTimeout(act, SOON) } = {}) {
    this.api = api;
    this.person = person;
    this.changed = changed;
    this.now = now;
    this.later = later;
  }

  get(id) {
    return this.#known.get(id);
  }

  choices(id) {
    return choices(this.get(id), this.person, this.now());
  }

  // Those that wait, latest first.
  get waiting() {
    const pending = [...this.#known.values()].filter((one) => statusAt(one, this.now()) === "pending");
    return pending.sort((one, other) => (one.id < other.id ? 1 : -1));
  }

  // Calls `listener` whenever more is known about the request; drop it with the function that is returned.
  watch(id, listener) {
    if (!this.#watchers.has(id)) this.#watchers.set(id, new Set());
    this.#watchers.get(id).add(listener);
    return () => this.#watchers.get(id).delete(listener);
  }

  // An event says that something happened; what, the API knows: events may be old ones.
  note(event) {
    this.take(fromEvent(event));
  }

  take(request) {
    this.#learn(request);
    if (this.#due.size === 0) this.later(() => this.#fetchDue());
    this.#due.add(request.id);
  }

  async find(id) {
    this.#learn(await this.api.send("GET", `approvals/${id}`));
  }

  // What waits now. Those that waited before, and don't any more, are looked up one by one.
  async refresh() {
    const { items } = await this.api.send("GET", "approvals?status=pending&limit=50");
    const found = new Set(items.map(({ id }) => id));
    const gone = this.waiting.filter(({ id }) => !found.has(id));
    items.forEach((request) => this.#learn(request));
    await Promise.allSettled(gone.map(({ id }) => this.find(id)));
  }

  async decide(id, decision, key) {
    const headers = { "Idempotency-Key": key, "If-Match": `"${this.get(id).version}"` };
    await this.#act(id, () => this.api.send("POST", `approvals/${id}/decision`, decision, headers));
  }

  async withdraw(id, key) {
    await this.#act(id, () => this.api.send("POST", `approvals/${id}/withdraw`, undefined, { "Idempotency-Key": key }));
  }

  stop() {
    this.#stopped = true;
    this.#watchers.clear();
  }

  // Whoever is refused was probably not the first: then the request is shown as it is by now.
  async #act(id, ask) {
    try {
      this.#learn(await ask());
    } catch (error) {
      await this.find(id).catch(() => {});
      throw error;
    }
  }

  #learn(found) {
    const known = latest(this.get(found.id), found);
    this.#known.set(found.id, known);
    this.#watchers.get(found.id)?.forEach((listener) => listener(known));
    this.changed();
  }

  async #fetchDue() {
    const ids = this.#stopped ? [] : [...this.#due];
    this.#due.clear();
    await Promise.allSettled(ids.map((id) => this.find(id)));
  }
}
