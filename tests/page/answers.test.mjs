import assert from "node:assert/strict";
import { test } from "node:test";

import { answered, post } from "../../server/api/static/answers.js";
import { answer, refusal } from "./answering.mjs";

test("what was asked for is given, or null", async () => {
  assert.deepEqual(await answered(answer({ id: 1 })), { id: 1 });
  assert.equal(await answered(answer(undefined, 202)), null);
  assert.equal(await answered(answer(undefined, 204)), null);
});

test("a problem is its sentence, its code and its field", async () => {
  const problem = { detail: "A password has at least 10 characters.", code: "password_too_short", field: "password" };
  const response = answer(problem, 400);
  await assert.rejects(answered(response), {
    message: "A password has at least 10 characters.",
    code: "password_too_short",
    field: "password",
    status: 400,
  });
});

test("too often says how long to wait, once", async () => {
  const waiting = { "Retry-After": "12" };
  await assert.rejects(answered(refusal(429, "too_many", "Too many turns.", waiting)), {
    message: "Too many turns. Try again in 12 seconds.",
  });
  const told = "That is too often; try again in 12 seconds.";
  await assert.rejects(answered(refusal(429, "rate_limited", told, waiting)), { message: told });
  await assert.rejects(answered(refusal(503, "unavailable", "Away.", waiting)), { message: "Away." });
});

test("what is no problem document is said all the same", async () => {
  const page = new Response("<html>Bad gateway</html>", { status: 502 });
  await assert.rejects(answered(page), { message: "The server answered 502.", code: "unexpected_answer" });
  await assert.rejects(answered(new Response("null", { status: 500 })), { message: "The server answered 500." });
});

test("posting sends JSON, and nothing where there is nothing", async () => {
  const sent = [];
  const ask = async (...request) => (sent.push(request), answer({}));
  await post("sign-in", { email: "a" }, ask);
  await post("sign-out", undefined, ask);
  assert.deepEqual(sent, [
    ["/api/v1/sign-in", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"email":"a"}' }],
    ["/api/v1/sign-out", { method: "POST" }],
  ]);
});
