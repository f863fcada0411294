import assert from "node:assert/strict";
import { test } from "node:test";

import { linkIn, refusalIn, takeLink } from "../../server/api/static/links.js";

test("the links of letters are known, and nothing else is", () => {
  assert.deepEqual(linkIn("#invitation=aB-_9"), { kind: "invitation", value: "aB-_9" });
  assert.deepEqual(linkIn("#reset=x"), { kind: "reset", value: "x" });
  assert.deepEqual(linkIn("#approval=0199b3c4-7d1e"), { kind: "approval", value: "0199b3c4-7d1e" });
  for (const hash of ["", "#", "#reset=", "#reset=a/../b", "#other=x", "#reset=a&b", `#reset=${"x".repeat(201)}`]) {
    assert.equal(linkIn(hash), null, hash);
  }
});

test("a secret leaves the address when it is taken", () => {
  const replaced = [];
  const history = { replaceState: (...given) => replaced.push(given) };
  const place = { hash: "#reset=secret", search: "", pathname: "/" };
  assert.equal(takeLink(place, history).value, "secret");
  assert.deepEqual(replaced, [[null, "", "/"]]);
  assert.equal(takeLink({ hash: "", search: "", pathname: "/" }, history), null);
  assert.equal(replaced.length, 1);
  takeLink({ hash: "#unknown", search: "?sign_in_refused=not_invited", pathname: "/" }, history);
  assert.equal(replaced.length, 2);
});

test("why the way back from Google failed is a sentence of ours", () => {
  assert.equal(refusalIn(""), "");
  assert.match(refusalIn("?sign_in_refused=not_invited"), /invitation/);
  const general = refusalIn("?sign_in_refused=sign_in_refused");
  assert.match(general, /could not be completed/);
  assert.equal(refusalIn("?sign_in_refused=<b>toString</b>"), general);
  assert.equal(refusalIn("?sign_in_refused=toString"), general);
});
