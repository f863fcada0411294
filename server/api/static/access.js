// Who is signed in. The access token is in this object's memory alone; the refresh token in a cookie no script reads.

import { answered, fetching, posting, Refused } from "./answers.js";

const EARLY = 60_000; // milliseconds before its end a token is renewed

export class Access {
  #ask;
  #now;
  #token = null;
  #until = 0;
  #renewing = null;

  constructor(ask = fetching, now = Date.now) {
    this.#ask = ask;
    this.#now = now;
    this.entry = null; // {user, tenants, …} of whoever is signed in
    this.ended = () => {}; // called with a sentence when the sign-in turns out to have ended
  }

  async signIn(email, password) {
    await this.#enter("sign-in", { email, password });
  }

  // Whether the browser was signed in already.
  async restore() {
    try {
      await this.renew();
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
    }
    return this.entry !== null;
  }

  // Refresh tokens are good once, so whoever comes meanwhile waits for the same answer.
  async renew() {
    this.#renewing ??= this.#enter("refresh").finally(() => (this.#renewing = null));
    await this.#renewing;
  }

  // Where the server can't be told, the browser stays signed in.
  async signOut() {
    const response = await this.#ask("/api/v1/sign-out", this.#signed(posting()));
    if (response.status !== 401) await answered(response);
    this.forget();
  }

  forget() {
    this.entry = this.#token = null;
    this.#until = 0;
  }

  // A signed request. A token that the server won't have any more is renewed once.
  async ask(path, options = {}) {
    if (this.#now() > this.#until - EARLY) await this.renew();
    const response = await this.#ask(path, this.#signed(options));
    if (response.status !== 401) return response;
    await this.renew();
    return this.#ask(path, this.#signed(options));
  }

  async #enter(way, body) {
    try {
      const { access_token: token, expires_in: seconds, ...entry } = await answered(
        await this.#ask(`/api/v1/${way}`, posting(body)),
      );
      this.#token = token;
      this.#until = this.#now() + seconds * 1000;
      this.entry = entry;
    } catch (error) {
      const left = this.entry !== null && error instanceof Refused && error.status === 401;
      if (left) {
        this.forget();
        this.ended(error.message);
      }
      throw error;
    }
  }

  #signed(options) {
    return { ...options, headers: { ...options.headers, Authorization: `Bearer ${this.#token}` } };
  }
}
