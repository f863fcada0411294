import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { answer, refusal } from "./answering.mjs";

const STATIC = new URL("../../server/api/static/", import.meta.url);
const read = (name) => readFileSync(new URL(name, STATIC), "utf8");
const page = read("index.html");
const modules = readdirSync(STATIC).filter((name) => name.endsWith(".js"));

// Whatever is done with it, it is there: a page without anything on it.
const anything = new Proxy(function () {}, {
  get: (_, name) => (name === Symbol.iterator ? () => [].values() : name === Symbol.toPrimitive ? () => "" : anything),
  set: () => true,
  apply: () => anything,
});

test("the page begins with asking whether somebody is signed in, and goes to the door", async () => {
  const asked = [];
  const door = new Promise((reached) => {
    globalThis.fetch = async (path) => {
      asked.push(path);
      if (path !== "/api/v1/refresh") reached();
      return path === "/api/v1/refresh" ? refusal(401, "refresh_token_missing", "No.") : answer({ google: false });
    };
  });
  globalThis.document = anything;
  globalThis.MutationObserver = class {
    observe() {}
  };
  globalThis.window = { location: { hash: "", search: "", pathname: "/" }, history: {}, addEventListener: () => {} };
  await import(new URL("app.js", STATIC));
  await door;
  assert.deepEqual(asked, ["/api/v1/refresh", "/api/v1/sign-in/methods"]);
});

test("what the modules look for by its id is on the page", () => {
  const used = modules.flatMap((name) =>
    [...read(name).matchAll(/(?:getElementById|this\.at)\("([\w-]+)"\)/g)].map(([, id]) => id),
  );
  const missing = used.filter((id) => !page.includes(`id="${id}"`));
  assert.deepEqual([missing, used.length > 10], [[], true]);
});

test("nothing on the page is stopped by its own security policy", () => {
  assert.equal(/\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc="\/static\/)/.test(page), false);
  for (const name of modules) {
    const markup = /innerHTML|outerHTML|insertAdjacentHTML|eval\(|https?:\/\/(?!www\.w3\.org)/;
    assert.equal(markup.test(read(name)), false, name);
  }
});
