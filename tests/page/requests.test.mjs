import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused } from "../../server/api/static/answers.js";
import { Requests } from "../../server/api/static/requests.js";

const ADA = { id: "u-ada", role: "admin", selfLimit: null };
const END = "2026-03-08T00:00:00Z";
const NOW = Date.parse("2026-03-01T12:00:00Z");

function request(id, changes = {}) {
  const made = { id, title: id, requested_by: "u-priya", requester: "Priya", expires_at: END };
  return { ...made, status: "pending", version: 1, ...changes };
}

function event(id, status = "pending") {
  const made = { approvalId: id, status, title: id, amount: null, currency: null };
  return { ...made, requestedBy: "Priya", expiresAt: END, outcome: null };
}

// An API with these requests, which notes what it is asked.
function house(...found) {
  const made = { stored: new Map(found.map((one) => [one.id, one])), asked: [], due: [], refuse: null };
  const send = async (method, path, body, headers) => {
    made.asked.push([method, path, body, headers]);
    const [, id, action] = path.split(/[/?]/);
    if (method === "GET" && path.includes("?")) {
      return { items: [...made.stored.values()].filter(({ status }) => status === "pending") };
    }
    if (!made.stored.has(id)) throw new Refused({ status: 404, code: "approval_not_found", detail: "None." });
    if (action && made.refuse) throw made.refuse;
    if (action) made.stored.set(id, request(id, { status: body?.verdict ?? "withdrawn", version: 2 }));
    return made.stored.get(id);
  };
  made.changes = 0;
  const later = (act) => made.due.push(act);
  made.requests = new Requests({ send }, ADA, () => (made.changes += 1), { now: () => NOW, later });
  return made;
}

const paths = ({ asked }) => asked.map(([method, path]) => `${method} ${path}`);
const soon = ({ due }) => Promise.all(due.splice(0).map((act) => act()));

test("what waits is listed, the latest first", async () => {
  const made = house(request("a1"), request("a3"), request("a2", { status: "denied" }));
  await made.requests.refresh();
  assert.deepEqual(made.requests.waiting.map(({ id }) => id), ["a3", "a1"]);
  assert.equal(made.changes > 0, true);
});

test("what waits no longer is looked up and leaves the list", async () => {
  const made = house(request("a1"));
  await made.requests.refresh();
  made.stored.set("a1", request("a1", { status: "executed", version: 3 }));
  await made.requests.refresh();
  assert.deepEqual(made.requests.waiting, []);
  assert.equal(made.requests.get("a1").status, "executed");
});

test("an old event shows what the request is by now, asked for once", async () => {
  const made = house(request("a1", { status: "executed", version: 3 }));
  const seen = [];
  made.requests.watch("a1", ({ status }) => seen.push(status));
  made.requests.note(event("a1"));
  made.requests.note(event("a1", "executed"));
  assert.deepEqual(made.requests.choices("a1"), []);
  await soon(made);
  assert.deepEqual(paths(made), ["GET approvals/a1"]);
  assert.deepEqual(seen, ["pending", "executed", "executed"]);
});

test("nothing is asked for once somebody else's requests are shown", async () => {
  const made = house(request("a1"));
  made.requests.note(event("a1"));
  made.requests.stop();
  await soon(made);
  assert.deepEqual(made.asked, []);
});

test("a request that others may not see stays what its event said", async () => {
  const made = house();
  made.requests.note(event("a1"));
  await soon(made);
  assert.equal(made.requests.get("a1").status, "pending");
  assert.deepEqual(made.requests.choices("a1"), []);
});

test("a decision names the version that was read, and is sent under its key", async () => {
  const made = house(request("a1"));
  await made.requests.find("a1");
  assert.deepEqual(made.requests.choices("a1"), ["approve", "deny", "conditions"]);
  await made.requests.decide("a1", { verdict: "denied", reason: "No." }, "k-1");
  const [, path, body, headers] = made.asked.at(-1);
  assert.equal(path, "approvals/a1/decision");
  assert.deepEqual(body, { verdict: "denied", reason: "No." });
  assert.deepEqual(headers, { "Idempotency-Key": "k-1", "If-Match": '"1"' });
  assert.equal(made.requests.get("a1").status, "denied");
});

test("who is refused sees what the request is by now, and why", async () => {
  const made = house(request("a1"));
  await made.requests.find("a1");
  made.stored.set("a1", request("a1", { status: "withdrawn", version: 2 }));
  made.refuse = new Refused({ status: 409, code: "already_decided", detail: "The request is withdrawn already." });
  await assert.rejects(made.requests.decide("a1", { verdict: "approved" }, "k-1"), { message: /withdrawn already/ });
  assert.equal(made.requests.get("a1").status, "withdrawn");
});

test("withdrawing has no body", async () => {
  const made = house(request("a1", { requested_by: "u-ada" }));
  await made.requests.find("a1");
  assert.deepEqual(made.requests.choices("a1"), ["withdraw"]);
  await made.requests.withdraw("a1", "k-2");
  assert.deepEqual(made.asked.at(-1), ["POST", "approvals/a1/withdraw", undefined, { "Idempotency-Key": "k-2" }]);
  assert.equal(made.requests.get("a1").status, "withdrawn");
});

test("who does not watch any more is not told", async () => {
  const made = house(request("a1"));
  let told = 0;
  const end = made.requests.watch("a1", () => (told += 1));
  await made.requests.find("a1");
  end();
  await made.requests.find("a1");
  assert.equal(told, 1);
});
