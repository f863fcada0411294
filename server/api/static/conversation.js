// One conversation on the page: each AG-UI event changes what is shown.

import { block, element } from "./blocks.js";

export class Conversation {
  #messages = new Map();
  #jobs = new Map();
  #blocks = new Map();

  constructor(log, tell) {
    this.log = log;
    this.tell = tell; // what is going on: a text, and the id of the running turn
    this.log.replaceChildren();
  }

  take(event) {
    const handle = {
      RUN_STARTED: () => this.tell("Thinking…", event.runId),
      STEP_STARTED: () => this.tell(`The ${event.stepName} agent is at work…`),
      TOOL_CALL_START: () => this.tell(`${event.toolCallName.replaceAll("_", " ")}…`),
      TOOL_CALL_RESULT: () => event.metadata?.refused && this.#add(element("p", event.content, { class: "said refused" })),
      TEXT_MESSAGE_START: () => this.#message(event.messageId, "assistant"),
      TEXT_MESSAGE_CONTENT: () => this.#message(event.messageId, "assistant").append(event.delta),
      ACTIVITY_SNAPSHOT: () => this.#block(event),
      CUSTOM: () => this.#custom(event),
      RUN_FINISHED: () => this.tell(event.outcome?.type === "cancelled" ? "Stopped." : "", null),
      RUN_ERROR: () => this.tell(event.message, null),
    }[event.type];
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    handle?.();
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  #custom({ name, value }) {
    if (name === "user_message") this.#message(value.messageId, "user").textContent = value.text;
    if (name === "text_restarted") this.#message(value.messageId, "assistant").textContent = "";
    if (name === "job") this.#job(value);
  }

  #message(id, role) {
    if (!this.#messages.has(id)) this.#messages.set(id, this.#add(element("p", "", { class: `said ${role}`, dir: "auto" })));
    return this.#messages.get(id);
  }

  #block({ messageId, content }) {
    const made = block(content);
    if (!made) return;
    if (this.#blocks.has(messageId)) this.#blocks.get(messageId).replaceWith(made);
    else this.#add(made);
    this.#blocks.set(messageId, made);
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

  #add(made) {
    this.log.append(made);
    return made;
  }
}
