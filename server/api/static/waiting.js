// The list of what waits for approval, beside the conversation, and one request by itself.

import { card } from "./card.js";
import { element } from "./elements.js";

const EVERY = 30_000; // milliseconds; what others ask for comes by no event

export class Waiting {
  constructor(side, dialog, tell) {
    this.side = side;
    this.dialog = dialog;
    this.tell = tell;
    this.list = side.querySelector("ul");
    this.timer = null;
    dialog.querySelector("button").addEventListener("click", () => dialog.close());
    document.addEventListener("visibilitychange", () => this.#look());
  }

  // Shows these requests from now on.
  begin(requests) {
    this.end();
    this.requests = requests;
    this.timer = setInterval(() => this.#look(), EVERY);
    this.#look();
  }

  end() {
    clearInterval(this.timer);
    this.requests?.stop();
    this.requests = null;
    this.side.hidden = true;
    if (this.dialog.open) this.dialog.close();
  }

  show() {
    const waiting = this.requests?.waiting ?? [];
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.request : null;
    this.side.hidden = waiting.length === 0;
    this.side.querySelector(".count").textContent = waiting.length;
    this.list.replaceChildren(...waiting.map((request) => this.#line(request)));
    this.list.querySelector(`[data-request="${focused}"]`)?.focus();
  }

  // The request by itself, above everything else.
  open(id) {
    this.dialog.querySelector("div").replaceChildren(card(this.requests, id));
    this.dialog.showModal();
  }

  #line(request) {
    const made = element("li");
    const opens = element("button", "", { type: "button", "data-request": request.id });
    opens.append(element("span", request.title), element("small", `asked by ${this.#asker(request)}`));
    opens.addEventListener("click", () => this.open(request.id));
    made.append(opens);
    return made;
  }

  #asker({ requested_by: id, requester }) {
    return id === this.requests.person.id ? "you" : requester;
  }

  async #look() {
    if (document.hidden || !this.requests) return;
    try {
      await this.requests.refresh();
    } catch (error) {
      this.tell(error.message);
    }
  }
}
