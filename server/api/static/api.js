// The HTTP API as this page needs it: signed requests, and a stream that comes back by itself.

const PAUSE = 1000;

export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.code = problem.code;
    this.status = problem.status;
  }
}

export class Api {
  constructor(token, tenant) {
    this.token = token;
    this.tenant = tenant;
  }

  static async signIn(email, password) {
    return Api.#answer(await fetch("/api/v1/sign-in", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email, password }),
    }));
  }

  async send(method, path, body, headers = {}) {
    const json = body === undefined ? {} : { "Content-Type": "application/json" };
    const answer = await fetch(this.#place(path), {
      method,
      headers: { ...this.#signed(), ...json, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return Api.#answer(answer);
  }

  // Calls `take` with every event, over as many connections as it needs; ends when `signal` is aborted.
  async follow(path, take, signal) {
    let last = "";
    while (!signal.aborted) {
      try {
        const resume = last ? { "Last-Event-ID": last } : {};
        const answer = await fetch(this.#place(path), { headers: { ...this.#signed(), ...resume }, signal });
        if (!answer.ok) await Api.#answer(answer);
        for await (const { id, data } of frames(answer.body)) {
          take(JSON.parse(data));
          last = id || last;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused && error.status < 500) throw error;
      }
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }

  #place(path) {
    return `/api/v1/tenants/${this.tenant}/${path}`;
  }

  #signed() {
    return { Authorization: `Bearer ${this.token}` };
  }

  static async #answer(answer) {
    if (answer.status === 204) return null;
    const found = await answer.json();
    if (!answer.ok) throw new Refused(found);
    return found;
  }
}

async function* frames(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (kept + value).split("\r\n\r\n");
    kept = parts.pop();
    for (const part of parts) {
      const fields = part.split("\r\n").map((line) => line.split(/: ?(.*)/s));
      const of = (name) => fields.find(([found]) => found === name)?.[1];
      if (of("data") !== undefined) yield { id: of("id"), data: of("data") };
    }
  }
}
