// Files that go along with the next message: brought when they are chosen, so that a refusal comes before it is said.

export const MOST = 5;

export class Attachments {
  #files = [];
  #bringing = 0;

  // `changed` is called whenever there is something else to show.
  constructor(changed) {
    this.changed = changed;
  }

  get files() {
    return [...this.#files];
  }

  get ids() {
    return this.#files.map(({ id }) => id);
  }

  // `bring` takes one chosen file to the server. The first that fails ends it; what came before stays.
  async add(chosen, bring) {
    if (this.#files.length + this.#bringing + chosen.length > MOST) throw new Error(`A message takes ${MOST} files.`);
    this.#bringing += chosen.length;
    try {
      for (const one of chosen) {
        this.#files.push(await bring(one));
        this.changed();
      }
    } finally {
      this.#bringing -= chosen.length;
    }
  }

  drop(id) {
    this.#files = this.#files.filter((file) => file.id !== id);
    this.changed();
  }

  // They went along with a message, or there is no place for them any more.
  clear(ids = this.ids) {
    this.#files = this.#files.filter(({ id }) => !ids.includes(id));
    this.changed();
  }
}
