import assert from "node:assert/strict";
import { test } from "node:test";

import { gives, manages } from "../../server/api/static/roles.js";

test("admins and owners manage; owners are made by owners", () => {
  assert.deepEqual(["viewer", "analyst", "planner", "admin", "owner"].filter(manages), ["admin", "owner"]);
  assert.deepEqual(gives("owner").at(-1), "owner");
  assert.deepEqual(gives("admin").at(-1), "admin");
});
