// Where the page begins: with a letter's link, with whoever is signed in already, or at the door.

import { Access } from "./access.js";
import { Door } from "./door.js";
import { linkIn, refusalIn, takeLink } from "./links.js";
import { Workplace } from "./workplace.js";

const access = new Access();
const workplace = new Workplace(access);
const door = new Door(document.getElementById("entry"), access, enter);
let wanted = null; // a request for approval, to be opened once somebody is signed in

access.ended = leave;
document.getElementById("sign-out").addEventListener("click", () =>
  access.signOut().then(() => leave(""), (error) => workplace.tell(error.message)),
);
window.addEventListener("hashchange", () => linkIn(window.location.hash) && arrive(""));

async function arrive(told) {
  const link = takeLink(window.location, window.history);
  const problem = access.entry ? "" : await restored();
  if (link?.kind === "invitation") return outside(() => door.invited(link.value));
  if (link?.kind === "reset") return outside(() => door.newPassword(link.value));
  if (link) wanted = link.value;
  if (access.entry) return enter();
  door.open(told || problem);
}

// Says what went wrong; not being signed in is nothing wrong.
async function restored() {
  try {
    await access.restore();
    return "";
  } catch (error) {
    return error.message;
  }
}

async function outside(show) {
  workplace.end();
  try {
    await show();
  } catch (error) {
    if (!access.entry) return door.open(error.message);
    await enter();
    workplace.tell(error.message);
  }
}

async function enter(tenant) {
  door.close();
  if (tenant || !workplace.open) await workplace.begin(tenant);
  const request = wanted;
  wanted = null;
  if (request && access.entry) await workplace.openRequest(request);
}

function leave(told) {
  access.forget();
  workplace.end();
  door.open(told);
}

arrive(refusalIn(window.location.search));
