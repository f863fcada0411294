import assert from "node:assert/strict";
import { test } from "node:test";

import { Access } from "../../server/api/static/access.js";
import { answer, refusal } from "./answering.mjs";

const ADA = { user: { id: "u-1", name: "Ada" }, tenants: [{ tenant_id: "t-1" }] };

// A server that gives a new token with every entry, and takes the last one alone.
function server({ signedIn = true, seconds = 600 } = {}) {
  const made = { asked: [], entries: 0, signedIn, now: 1_000_000 };
  made.ask = async (path, options = {}) => {
    const way = path.replace("/api/v1/", "");
    made.asked.push(way);
    await null;
    if (way === "refresh" && !made.signedIn) return refusal(401, "refresh_token_missing", "Sign in first.");
    const wrong = way === "sign-in" && JSON.parse(options.body).password !== "right";
    if (wrong) return refusal(401, "wrong_credentials", "No.");
    if (way === "refresh" || way === "sign-in") {
      made.entries += 1;
      return answer({ ...ADA, access_token: `token-${made.entries}`, expires_in: seconds });
    }
    if (way === "sign-out" && made.away) return made.away;
    if (way === "sign-out") made.signedIn = false;
    const good = options.headers.Authorization === `Bearer token-${made.entries}` && way !== "never";
    return good ? answer({ way }) : refusal(401, "token_expired", "Sign in again.");
  };
  made.access = new Access(made.ask, () => made.now);
  return made;
}

test("a browser that was signed in is so after a reload", async () => {
  const { access, asked } = server();
  assert.equal(await access.restore(), true);
  assert.equal(access.entry.user.name, "Ada");
  assert.deepEqual(asked, ["refresh"]);
});

test("a browser that was not signed in stays at the door, and nothing is wrong", async () => {
  const { access } = server({ signedIn: false });
  access.ended = () => assert.fail("nothing has ended");
  assert.equal(await access.restore(), false);
  assert.equal(access.entry, null);
});

test("a server that is away is no sign-out", async () => {
  const access = new Access(async () => refusal(503, "unavailable", "Away."));
  await assert.rejects(access.restore(), { message: "Away.", status: 503 });
});

test("a wrong password enters nobody", async () => {
  const { access } = server();
  await assert.rejects(access.signIn("ada@example.com", "wrong"), { code: "wrong_credentials" });
  assert.equal(access.entry, null);
  await access.signIn("ada@example.com", "right");
  assert.equal(access.entry.user.id, "u-1");
});

test("the token is nowhere that a page can look", async () => {
  const { access } = server();
  await access.restore();
  assert.equal(JSON.stringify(access).includes("token-"), false);
});

test("a token is used until shortly before its end, and renewed then", async () => {
  const made = server();
  await made.access.restore();
  await made.access.ask("/api/v1/me");
  assert.deepEqual(made.asked, ["refresh", "me"]);
  made.now += 545_000;
  const response = await made.access.ask("/api/v1/me");
  assert.equal(response.status, 200);
  assert.deepEqual(made.asked, ["refresh", "me", "refresh", "me"]);
});

test("a token that is refused is renewed once, not for ever", async () => {
  const made = server();
  await made.access.restore();
  made.entries += 1; // by another tab
  assert.equal((await made.access.ask("/api/v1/me")).status, 200);
  assert.deepEqual(made.asked, ["refresh", "me", "refresh", "me"]);
  assert.equal((await made.access.ask("/api/v1/never")).status, 401);
  assert.deepEqual(made.asked.slice(4), ["never", "refresh", "never"]);
});

test("requests at once wait for the same renewal", async () => {
  const made = server();
  const responses = await Promise.all([1, 2, 3].map(() => made.access.ask("/api/v1/me")));
  assert.deepEqual(responses.map(({ status }) => status), [200, 200, 200]);
  assert.equal(made.entries, 1);
});

test("a sign-in that has ended is forgotten, and said once", async () => {
  const made = server();
  const told = [];
  made.access.ended = (sentence) => told.push(sentence);
  await made.access.restore();
  made.signedIn = false;
  made.now += 600_000;
  await assert.rejects(made.access.ask("/api/v1/me"), { status: 401 });
  await assert.rejects(made.access.ask("/api/v1/me"), { status: 401 });
  assert.equal(made.access.entry, null);
  assert.deepEqual(told, ["Sign in first."]);
});

test("signing out is told to the server, and forgotten here", async () => {
  const made = server();
  await made.access.restore();
  await made.access.signOut();
  assert.deepEqual([made.signedIn, made.access.entry], [false, null]);
});

test("who has been signed out already leaves all the same; who can't be signed out stays", async () => {
  const made = server();
  await made.access.restore();
  made.away = refusal(503, "unavailable", "Away.");
  await assert.rejects(made.access.signOut(), { message: "Away." });
  assert.equal(made.access.entry.user.name, "Ada");
  made.away = refusal(401, "token_expired", "No.");
  await made.access.signOut();
  assert.equal(made.access.entry, null);
});
