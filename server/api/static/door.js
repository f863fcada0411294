// Everything before one is in: signing in, a forgotten password, and the links of letters.

import { get, post } from "./answers.js";
import { element, onSubmit } from "./elements.js";

const SHORTEST = 10;
const FORMS = ["sign-in", "forgotten", "reset", "invitation"];

export class Door {
  #forms = new Map(FORMS.map((id) => [id, document.getElementById(id)]));
  #link = null; // the secret part of the letter's link that is being used

  // `enter` is called once somebody is signed in, with a tenant's id where they have just joined one.
  constructor(place, access, enter) {
    this.place = place;
    this.access = access;
    this.enter = enter;
    const { "sign-in": signIn, forgotten, reset, invitation } = Object.fromEntries(this.#forms);
    onSubmit(signIn, ({ email, password }) => this.#signIn(email, password));
    onSubmit(forgotten, ({ email }) => this.#forgot(email));
    onSubmit(reset, ({ password }) => this.#reset(password));
    onSubmit(invitation, (fields) => this.#accept(fields));
    document.getElementById("forgot").addEventListener("click", () => this.#show("forgotten"));
    for (const back of place.querySelectorAll(".back")) back.addEventListener("click", () => this.#goBack());
    invitation.querySelector(".other").addEventListener("click", () => this.#asSomebodyElse());
  }

  // The way in; `told` is what went before.
  open(told = "") {
    this.#show("sign-in", told);
    this.#offerGoogle();
  }

  close() {
    this.place.hidden = true;
    for (const form of this.#forms.values()) form.reset();
    this.#link = null;
  }

  newPassword(link) {
    this.#link = link;
    this.#show("reset");
  }

  async invited(link) {
    this.#link = link;
    this.offer = await post("invitations/look", { token: link });
    this.#showOffer();
  }

  #showOffer() {
    const { tenant_name: tenant, role, email, has_account: known } = this.offer;
    const person = this.access.entry?.user;
    const same = person?.email.toLowerCase() === email.toLowerCase();
    const form = this.#forms.get("invitation");
    form.querySelector("h2").textContent = `Join ${tenant}`;
    form.querySelector(".about").textContent = `You are invited as ${role}, with the address ${email}.`;
    form.querySelector(".other").hidden = !person || same;
    form.elements.email.value = email;
    choose(form, person ? (same ? "join" : "other") : known ? "known" : "new");
    form.querySelector(".who").textContent = person && !same ? `You are signed in as ${person.email}.` : "";
    this.#show("invitation");
  }

  async #accept({ email, name, password }) {
    const enter = this.access.entry
      ? await this.#join()
      : await this.#register(email.value, name.value, password.value);
    await enter().catch((error) => this.open(`You have joined ${this.offer.tenant_name}. ${error.message}`));
  }

  async #join() {
    const ask = (path, options) => this.access.ask(path, options);
    const { tenant_id: tenant } = await post("me/invitations", { token: this.#link }, ask);
    return async () => {
      await this.access.renew(); // which tells the tenants again
      this.enter(tenant);
    };
  }

  async #register(email, name, password) {
    const named = this.offer.has_account ? {} : { name };
    const { tenant_id: tenant } = await post("invitations/accept", { token: this.#link, ...named, password });
    return async () => {
      await this.access.signIn(email, password);
      this.enter(tenant);
    };
  }

  async #asSomebodyElse() {
    try {
      await this.access.signOut();
      this.#showOffer();
    } catch (error) {
      this.#forms.get("invitation").querySelector(".trouble").textContent = error.message;
    }
  }

  async #signIn(email, password) {
    await this.access.signIn(email.value, password.value);
    this.enter();
  }

  async #forgot(email) {
    await post("password-reset", { email: email.value });
    this.open("If that address has an account, a letter with a link is on its way.");
  }

  async #reset(password) {
    await post("password-reset/confirm", { token: this.#link, password: password.value });
    this.#link = null;
    this.access.forget(); // every sign-in has ended
    this.open("Your new password is set. Sign in with it.");
  }

  #show(shown, told = "") {
    this.place.hidden = false;
    for (const [id, form] of this.#forms) form.hidden = id !== shown;
    const form = this.#forms.get(shown);
    form.querySelector(".trouble").textContent = "";
    for (const password of form.querySelectorAll("[type=password]")) password.value = "";
    document.getElementById("told").textContent = told;
    const usable = (one) => one.offsetParent && !one.readOnly && !one.disabled;
    [...form.querySelectorAll("input, button")].find(usable)?.focus();
  }

  #goBack() {
    if (this.access.entry) this.enter();
    else this.open();
  }

  async #offerGoogle() {
    const { google } = await get("sign-in/methods").catch(() => ({ google: false }));
    document.getElementById("google").hidden = !google;
  }
}

// Of an invitation's form, what this person has to fill in.
function choose(form, way) {
  const { name, password } = form.elements;
  const [asksName, asksPassword] = [way === "new", way === "new" || way === "known"];
  for (const [input, asked] of [[name, asksName], [password, asksPassword]]) {
    input.disabled = !asked;
    input.parentElement.hidden = !asked;
  }
  password.autocomplete = way === "new" ? "new-password" : "current-password";
  password.minLength = way === "new" ? SHORTEST : 1;
  form.elements.email.parentElement.hidden = way === "other";
  form.querySelector(".hint").hidden = way !== "new";
  form.querySelector(".known").hidden = way !== "known";
  form.querySelector("button:not([type])").hidden = way === "other";
}
