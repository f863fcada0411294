// One conversation on the page: each AG-UI event changes what is shown.

import { block } from "./blocks.js";
import { card } from "./card.js";
import { element } from "./elements.js";
import { plainly } from "./words.js";

const ENDINGS = { cancelled: "Stopped.", interrupt: "Waiting for approval; you can go on meanwhile." };

export class Conversation {
  #messages = new Map();
  #jobs = new Map();
  #blocks = new Map();
  #cards = new Set();

  constructor(log, tell, requests, fetchFile) {
    this.log = log;
    this.tell = tell; // what is going on: a text, and the id of the running turn
    this.requests = requests;
    this.fetchFile = fetchFile;
    this.log.replaceChildren();
  }

  take(event) {
    const handle = {
      RUN_STARTED: () => this.tell("Thinking…", event.runId),
      STEP_STARTED: () => this.tell(`The ${event.stepName} agent is at work…`),
      TOOL_CALL_START: () => this.tell(`${plainly(event.toolCallName)}…`),
      TOOL_CALL_RESULT: () => event.metadata?.refused && this.#said(event.content, "refused"),
      TEXT_MESSAGE_START: () => this.#message(event.messageId, "assistant"),
      TEXT_MESSAGE_CONTENT: () => this.#message(event.messageId, "assistant").append(event.delta),
      ACTIVITY_SNAPSHOT: () => this.#activity(event),
      CUSTOM: () => this.#custom(event),
      RUN_FINISHED: () => this.tell(ENDINGS[event.outcome?.type] ?? "", null),
      RUN_ERROR: () => this.tell(event.message, null),
    }[event.type];
    handle?.();
  }

  #custom({ name, value }) {
    if (name === "user_message") this.#userMessage(value);
    if (name === "text_restarted") this.#message(value.messageId, "assistant").textContent = "";
    if (name === "job") this.#job(value);
    if (name === "approval") this.#request(value.approvalId, () => this.requests.note(value));
  }

  #userMessage({ messageId, text, files = [] }) {
    const said = this.#message(messageId, "user");
    said.textContent = text;
    said.append(...files.map(({ name }) => element("small", name, { class: "attached" })));
  }

  #message(id, role) {
    if (!this.#messages.has(id)) this.#messages.set(id, this.#said("", role));
    return this.#messages.get(id);
  }

  #activity({ messageId, content }) {
    if (content.kind === "approval") this.#request(content.approval.id, () => this.requests.take(content.approval));
    else this.#block(messageId, content);
  }

  #block(messageId, content) {
    const made = block(content, this.fetchFile);
    if (!made) return;
    if (this.#blocks.has(messageId)) this.#blocks.get(messageId).replaceWith(made);
    else this.#add(made);
    this.#blocks.set(messageId, made);
  }

  // A request has one card, where it was first spoken of; whatever becomes of it is shown there.
  #request(id, learn) {
    learn();
    if (!this.#cards.has(id)) this.#add(card(this.requests, id));
    this.#cards.add(id);
  }

  #job({ jobId, status, step, percent }) {
    if (!this.#jobs.has(jobId)) {
      const made = this.#add(element("div", "", { class: "block" }));
      made.append(element("label"), element("progress", "", { max: 100, "aria-label": "Planning workflow" }));
      this.#jobs.set(jobId, made);
    }
    const [label, bar] = this.#jobs.get(jobId).children;
    label.textContent = `Planning workflow: ${status}${step && status === "running" ? `, ${step}` : ""}`;
    bar.value = percent;
  }

  #said(text, by) {
    return this.#add(element("p", text, { class: `said ${by}`, dir: "auto" }));
  }

  #add(made) {
    this.log.append(made);
    return made;
  }
}
