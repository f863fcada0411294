import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../../server/api/static/api.js";
import { frames } from "../../server/api/static/frames.js";
import { refusal } from "./answering.mjs";

function body(...pieces) {
  return new Blob(pieces).stream();
}

// In pieces as small as a network may cut them.
function cut(text, size) {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

async function read(stream) {
  const found = [];
  for await (const frame of frames(stream)) found.push(frame);
  return found;
}

test("events are read wherever the stream is cut", async () => {
  const parts = ["retry: 1000", ": heartbeat", 'id: 7\r\ndata: {"text":"ä: b"}', "data: {}", "id: 8\r\ndata: cut"];
  const text = parts.join("\r\n\r\n");
  const whole = [{ id: "7", data: '{"text":"ä: b"}' }, { id: undefined, data: "{}" }];
  for (const size of [1, 2, 5, 1000]) assert.deepEqual(await read(cut(text, size)), whole, `${size} bytes`);
});

test("a stream that ends is taken up after its last event", async () => {
  const asked = [];
  const seen = [];
  const stop = new AbortController();
  const streams = ['id: 1\r\ndata: {"n":1}\r\n\r\ndata: {"n":2}\r\n\r\n', 'id: 2\r\ndata: {"n":3}\r\n\r\n'];
  const access = {
    ask: async (path, { headers }) => {
      asked.push([path, headers["Last-Event-ID"]]);
      return new Response(body(streams.shift()));
    },
  };
  await new Api(access, "t-1", 0).follow("sessions/s/events", ({ n }) => {
    seen.push(n);
    if (n === 3) stop.abort();
  }, stop.signal);
  assert.deepEqual(seen, [1, 2, 3]);
  const path = "/api/v1/tenants/t-1/sessions/s/events";
  assert.deepEqual(asked, [[path, undefined], [path, "1"]]);
});

test("a stream that is refused is not asked for for ever", async () => {
  const access = { ask: async () => refusal(404, "session_not_found", "There is no such conversation.") };
  const following = new Api(access, "t-1", 0).follow("sessions/s/events", () => {}, new AbortController().signal);
  await assert.rejects(following, { code: "session_not_found" });
});
