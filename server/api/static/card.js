// A request for approval, with what this person may do about it.

import { facts, said, statusAt } from "./approvals.js";
import { button, element, field, onSubmit } from "./elements.js";
import { key } from "./words.js";

const ACTIONS = {
  approve: { label: "Approve", confirm: "Approve now", form: approving },
  deny: { label: "Deny", confirm: "Deny now", form: denying },
  conditions: { label: "Conditions", confirm: "Send conditions", form: conditional },
  withdraw: { label: "Withdraw", confirm: "Withdraw now", form: withdrawing },
};

// Shows request `id`, and whatever becomes of it.
export function card(requests, id) {
  const made = element("article", "", { class: "block approval", tabindex: -1 });
  const title = element("h3");
  const status = element("p", "", { class: "state", role: "status" });
  const about = element("dl");
  const conditions = element("ul");
  const controls = element("div", "", { class: "controls" });
  made.append(title, status, about, conditions, controls);
  let offered = null;

  function show(request) {
    title.textContent = request.title;
    made.setAttribute("aria-label", request.title);
    made.dataset.status = statusAt(request, requests.now());
    status.textContent = said(made.dataset.status);
    about.replaceChildren(...facts(request).flatMap(([label, text]) => [element("dt", label), element("dd", text)]));
    const wanted = request.conditions ?? [];
    conditions.replaceChildren(...wanted.map((one) => element("li", `${one.field}: ${one.required} (${one.reason})`)));
    conditions.hidden = wanted.length === 0;
    const choices = requests.choices(id);
    if (choices.join() === offered) return; // somebody may be writing in a form of it
    offered = choices.join();
    const acted = controls.contains(document.activeElement);
    offer(controls, choices, requests, id);
    if (acted) made.focus();
  }

  const end = requests.watch(id, (request) => (made.isConnected ? show(request) : end()));
  show(requests.get(id));
  return made;
}

function offer(controls, choices, requests, id) {
  const ask = (choice) => {
    const form = asked(ACTIONS[choice], requests, id, () => {
      offer(controls, choices, requests, id);
      controls.querySelector("button")?.focus();
    });
    controls.replaceChildren(form);
    form.querySelector("input, button").focus();
  };
  controls.replaceChildren(...choices.map((choice) => button(ACTIONS[choice].label, () => ask(choice))));
}

function asked({ label, confirm, form: fill }, requests, id, close) {
  const form = element("form", "", { "aria-label": label });
  const named = key();
  const act = fill(form);
  const buttons = element("div", "", { class: "controls" });
  buttons.append(element("button", confirm), button("Cancel", close));
  form.append(buttons, element("p", "", { class: "trouble", role: "alert" }));
  onSubmit(form, (fields) => act(requests, id, fields, named));
  return form;
}

function approving(form) {
  form.append(field("Reason (optional)", "reason", { maxlength: 500 }));
  return (requests, id, { reason }, key) => requests.decide(id, verdict("approved", reason.value), key);
}

function denying(form) {
  form.append(field("Reason", "reason", { maxlength: 500, required: "" }));
  return (requests, id, { reason }, key) => requests.decide(id, verdict("denied", reason.value), key);
}

function conditional(form) {
  const rows = element("div");
  const add = () => rows.append(condition());
  add();
  form.append(rows, button("Another condition", () => (add(), rows.lastChild.querySelector("input").focus())));
  return (requests, id, _, key) => {
    const conditions = [...rows.children].map((row) =>
      Object.fromEntries([...row.querySelectorAll("input")].map(({ name, value }) => [name, value.trim()])),
    );
    return requests.decide(id, { verdict: "conditions", conditions }, key);
  };
}

function condition() {
  const made = element("fieldset");
  made.append(
    element("legend", "Condition"),
    field("What has to be different", "field", { maxlength: 100, required: "", placeholder: "budget" }),
    field("What it has to be", "required", { maxlength: 200, required: "", placeholder: "at most 200,000 USD" }),
    field("Why", "reason", { maxlength: 500, required: "" }),
  );
  return made;
}

function withdrawing() {
  return (requests, id, _, key) => requests.withdraw(id, key);
}

function verdict(named, reason) {
  return { verdict: named, reason: reason.trim() || null };
}
