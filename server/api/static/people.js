// Who is in the tenant, who is invited, and what was done lately.

import { grid } from "./blocks.js";
import { button, element, onSubmit } from "./elements.js";
import { gives, manages } from "./roles.js";
import { key, moment } from "./words.js";

const MEMBERS = columns({ name: "Name", email: "E-mail", role: "Role" });
const INVITATIONS = columns({ email: "E-mail", role: "Role", until: "Until", end: "" });
const AUDIT = columns({ at: "When", who: "Who", what: "What" });

export class People {
  #api = null;

  constructor(dialog) {
    this.dialog = dialog;
    const form = this.#at("form");
    dialog.querySelector(".close").addEventListener("click", () => this.close());
    onSubmit(form, (fields) => this.#invite(form, fields));
  }

  async open(api, person) {
    this.#api = api;
    const members = await api.send("GET", "members");
    this.#at(".members").replaceChildren(grid(MEMBERS, members));
    this.#at(".managing").hidden = !manages(person.role);
    this.#at(".done").textContent = this.#at(".trouble").textContent = "";
    this.#at("select").replaceChildren(...gives(person.role).map((role) => element("option", role, { value: role })));
    if (manages(person.role)) await Promise.all([this.#showInvitations(), this.#showAudit()]);
    if (!this.dialog.open) this.dialog.showModal();
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  async #invite(form, { email, role }) {
    this.#at(".done").textContent = "";
    const wanted = { email: email.value, role: role.value };
    const invited = await this.#api.send("POST", "invitations", wanted, { "Idempotency-Key": key() });
    form.reset();
    this.#at(".done").textContent = `A letter is on its way to ${invited.email}.`;
    await Promise.all([this.#showInvitations(), this.#showAudit()]);
  }

  async #revoke(id) {
    await this.#api.send("DELETE", `invitations/${id}`);
    await Promise.all([this.#showInvitations(), this.#showAudit()]);
  }

  async #showInvitations() {
    const { items } = await this.#api.send("GET", "invitations?limit=50");
    const open = items.filter((one) => !one.accepted_at && !one.revoked_at && Date.now() < Date.parse(one.expires_at));
    const rows = open.map((one) => ({ ...one, until: moment(one.expires_at), end: this.#revoking(one) }));
    const shown = rows.length ? grid(INVITATIONS, rows) : element("p", "Nobody is invited.");
    this.#at(".invitations").replaceChildren(shown);
  }

  async #showAudit() {
    const { items } = await this.#api.send("GET", "audit?limit=15");
    this.#at(".audit").replaceChildren(grid(AUDIT, items.map(row)));
  }

  #revoking({ id, email }) {
    const act = () => this.#revoke(id).catch((error) => (this.#at(".trouble").textContent = error.message));
    return button("Revoke", act, { "aria-label": `Revoke the invitation of ${email}` });
  }

  #at(selector) {
    return this.dialog.querySelector(selector);
  }
}

function row({ at, user_name: name, agent, action, decision, code }) {
  const who = [name ?? "The product", agent ? `through the ${agent} agent` : ""].filter(Boolean).join(", ");
  return { at: moment(at), who, what: decision === "denied" ? `${action} (refused: ${code})` : action };
}

function columns(labels) {
  return Object.entries(labels).map(([key, label]) => ({ key, label }));
}
