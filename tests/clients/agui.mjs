// The stock AG-UI client, driven from outside: a command per line on stdin, what it says about it on stdout.
//
// In: {url, token, threadId} first; then {say?, runId?, resume?, abortAt?: {type, count}} for a run.
// Out: {event} for each event of a run as it comes; {done: {messages, state, interrupts, error}} at its end.

import { createInterface } from "node:readline";
import { HttpAgent } from "@ag-ui/client";

const out = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
console.error = console.warn = () => {}; // the outcome says what went wrong

let agent;

function started({ url, token, threadId }) {
  return new HttpAgent({ url, threadId, headers: { Authorization: `Bearer ${token}` } });
}

async function ran({ say, runId, resume, abortAt }) {
  if (say) agent.addMessage({ id: crypto.randomUUID(), role: "user", content: say });
  let count = 0;
  const onEvent = ({ event }) => {
    out({ event });
    if (event.type === abortAt?.type && ++count === abortAt.count) agent.abortRun();
  };
  const onRunFinalized = () => {};
  let error = null;
  try {
    await agent.runAgent({ runId, resume }, { onEvent, onRunFinalized });
  } catch (failed) {
    error = String(failed.message ?? failed);
  }
  return { messages: agent.messages, state: agent.state, interrupts: agent.pendingInterrupts, error };
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.url) agent = started(command);
  else out({ done: await ran(command) });
}
