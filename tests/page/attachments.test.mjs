import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../../server/api/static/api.js";
import { Attachments, MOST } from "../../server/api/static/attachments.js";

const bring = async (name) => ({ id: `id of ${name}`, name });

test("what was brought goes along with one message", async () => {
  let shown = 0;
  const attachments = new Attachments(() => shown++);
  await attachments.add(["a.csv", "b.csv"], bring);
  assert.deepEqual(attachments.ids, ["id of a.csv", "id of b.csv"]);
  attachments.drop("id of a.csv");
  assert.deepEqual(attachments.files, [{ id: "id of b.csv", name: "b.csv" }]);
  const sent = attachments.ids;
  await attachments.add(["c.csv"], bring); // while the message was on its way
  attachments.clear(sent);
  assert.deepEqual(attachments.ids, ["id of c.csv"]);
  attachments.clear();
  assert.deepEqual(attachments.ids, []);
  assert.equal(shown, 6);
});

test("one that is refused is said, and those before it stay", async () => {
  const attachments = new Attachments(() => {});
  const picky = (name) => (name === "b.exe" ? Promise.reject(new Error("Files may be .csv.")) : bring(name));
  await assert.rejects(attachments.add(["a.csv", "b.exe", "c.csv"], picky), /may be/);
  assert.deepEqual(attachments.ids, ["id of a.csv"]);
  await attachments.add(Array(MOST - 1).fill("d.csv"), bring);
  assert.equal(attachments.ids.length, MOST);
});

test("no more than a message takes, counting those on their way", async () => {
  const attachments = new Attachments(() => {});
  const first = attachments.add(["a.csv", "b.csv", "c.csv"], bring);
  await assert.rejects(attachments.add(["d.csv", "e.csv", "f.csv"], bring), /takes 5 files/);
  await first;
  assert.equal(attachments.ids.length, 3);
});

test("a file is sent as a form", async () => {
  const asked = [];
  const access = { ask: async (...given) => (asked.push(given), Response.json({ id: "f" }, { status: 201 })) };
  const found = await new Api(access, "t").upload("files", new File(["a,b"], "Größe.csv"), { "Idempotency-Key": "k" });
  const [[path, { method, headers, body }]] = asked;
  assert.deepEqual([found, path, method, headers], [{ id: "f" }, "/api/v1/tenants/t/files", "POST", { "Idempotency-Key": "k" }]);
  assert.equal(body.get("file").name, "Größe.csv");
  assert.equal(await body.get("file").text(), "a,b");
});
