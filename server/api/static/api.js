// The HTTP API of one tenant as this page needs it: signed requests, and a stream that comes back by itself.

import { answered, Refused } from "./answers.js";
import { frames } from "./frames.js";

const PAUSE = 1000; // milliseconds between two connections
const LATER = 429;

export class Api {
  #access;
  #pause;

  constructor(access, tenant, pause = PAUSE) {
    this.#access = access;
    this.#pause = pause;
    this.tenant = tenant;
  }

  async send(method, path, body, headers = {}) {
    const json = body === undefined ? {} : { "Content-Type": "application/json" };
    const options = { method, headers: { ...json, ...headers } };
    if (body !== undefined) options.body = JSON.stringify(body);
    return answered(await this.#access.ask(this.#place(path), options));
  }

  // The browser writes the form's own content type, with its boundary.
  async upload(path, file, headers = {}) {
    const body = new FormData();
    body.append("file", file, file.name);
    return answered(await this.#access.ask(this.#place(path), { method: "POST", headers, body }));
  }

  // Calls `take` with every event, over as many connections as it needs; ends when `signal` is aborted.
  async follow(path, take, signal) {
    let last = "";
    while (!signal.aborted) {
      try {
        const headers = last ? { "Last-Event-ID": last } : {};
        const response = await this.#access.ask(this.#place(path), { headers, signal });
        if (!response.ok) await answered(response);
        for await (const { id, data } of frames(response.body)) {
          take(JSON.parse(data));
          last = id || last;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused && error.status < 500 && error.status !== LATER) throw error;
      }
      await new Promise((done) => setTimeout(done, this.#pause));
    }
  }

  #place(path) {
    return `/api/v1/tenants/${this.tenant}/${path}`;
  }
}
