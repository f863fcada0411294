import assert from "node:assert/strict";
import { test } from "node:test";

import {
  choices,
  code,
  facts,
  fromEvent,
  latest,
  said,
  selfLimit,
  statusAt,
} from "../../server/api/static/approvals.js";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const REQUEST = {
  id: "0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77",
  title: "Launch “Spring” for 250,000.00 USD in US",
  amount: { amount: "250000.00", currency: "USD" },
  markets: ["US", "CA"],
  requested_by: "u-priya",
  requester: "Priya Raman",
  created_at: "2026-03-01T11:00:00Z",
  expires_at: "2026-03-08T11:00:00Z",
  status: "pending",
  decider: null,
  decided_at: null,
  reason: null,
  conditions: [],
  outcome: null,
  version: 1,
};
const admin = { id: "u-ada", role: "admin", selfLimit: { amount: 0, currency: "USD" } };
const priya = { ...admin, id: "u-priya", role: "planner" };
const labels = (request) => Object.fromEntries(facts(request));

test("who decides is offered the verdicts, who asked the way back", () => {
  assert.deepEqual(choices(REQUEST, admin, NOW), ["approve", "deny", "conditions"]);
  assert.deepEqual(choices(REQUEST, priya, NOW), ["withdraw"]);
});

test("nothing can be done any more about what is decided, or over", () => {
  for (const status of ["approved", "executed", "failed", "denied", "conditions", "withdrawn", "expired"]) {
    assert.deepEqual(choices({ ...REQUEST, status }, admin, NOW), [], status);
  }
  const over = Date.parse(REQUEST.expires_at);
  assert.deepEqual(choices(REQUEST, admin, over), []);
  assert.equal(statusAt(REQUEST, over), "expired");
  assert.equal(statusAt(REQUEST, over - 1), "pending");
});

test("one's own is approved up to the tenant's limit, by approvers alone", () => {
  const own = (role, amount, currency = "USD") =>
    choices(REQUEST, { id: "u-priya", role, selfLimit: { amount, currency } }, NOW).includes("approve");
  assert.equal(own("owner", 250_000), true);
  assert.equal(own("admin", 249_999.99), false);
  assert.equal(own("planner", 250_000), false);
  assert.equal(own("owner", 250_000, "EUR"), false);
  const rich = { ...priya, role: "owner", selfLimit: { amount: 9e9, currency: "USD" } };
  assert.deepEqual(choices({ ...REQUEST, amount: null }, rich, NOW), ["withdraw"]);
});

test("the limit is in the currency's own units", () => {
  const limit = (default_currency, self_approval_limit_minor) =>
    selfLimit({ default_currency, self_approval_limit_minor }).amount;
  assert.deepEqual([limit("USD", 100_050), limit("JPY", 1000), limit("KWD", 1000)], [1000.5, 1000, 1]);
});

test("an event is enough to show a request, not to decide about it", () => {
  const event = {
    approvalId: REQUEST.id,
    status: "pending",
    title: REQUEST.title,
    amount: "250000.00",
    currency: "USD",
    requestedBy: "Priya Raman",
    expiresAt: REQUEST.expires_at,
    outcome: null,
  };
  const request = fromEvent(event);
  assert.deepEqual(choices(request, admin, NOW), []);
  assert.equal(labels(request)["Asked by"], "Priya Raman");
  assert.match(labels(request)["At stake"], /250/);
  assert.equal(fromEvent({ ...event, amount: null, currency: null }).amount, null);
});

test("what is known is never replaced by less", () => {
  const event = { ...REQUEST, version: 0 };
  assert.equal(latest(undefined, event), event);
  assert.equal(latest(event, REQUEST), REQUEST);
  assert.equal(latest(REQUEST, event), REQUEST);
  const again = { ...REQUEST, status: "expired" };
  assert.equal(latest(REQUEST, again), again);
  assert.equal(latest({ ...REQUEST, version: 2 }, REQUEST).version, 2);
});

test("what is read depends on how far it is", () => {
  assert.deepEqual(Object.keys(labels(REQUEST)), ["At stake", "Markets", "Asked by", "Expires", "Request"]);
  const failed = {
    ...REQUEST,
    status: "failed",
    decider: "Ada",
    decided_at: "2026-03-02T09:00:00Z",
    reason: "Go.",
    outcome: "The campaign was cancelled.",
  };
  const read = labels(failed);
  assert.match(read["Decided by"], /^Ada, /);
  assert.equal(read.Reason, "Go.");
  assert.equal(read.Outcome, "The campaign was cancelled.");
  assert.equal("Expires" in read, false);
  assert.equal("Outcome" in labels({ ...failed, status: "executed", outcome: "Done as approved." }), false);
});

test("people call a request by its last digits", () => {
  assert.equal(code(REQUEST.id), "R-9B1E77");
  assert.equal(said("pending"), "Waiting for approval");
  assert.equal(said("new_status"), "new_status");
});
