// The stock LangGraph SDK, unmodified, through one scenario; prints what it got as JSON.
import { Client } from "@langchain/langgraph-sdk";

const { url, token, scenario, threadId, message } = JSON.parse(process.argv[2]);
const client = new Client({ apiUrl: url, apiKey: null, defaultHeaders: { Authorization: `Bearer ${token}` } });
const input = { messages: [{ type: "human", content: message }] };

async function streamed(options, onPart = async () => {}) {
  const parts = [];
  const runs = [];
  const stream = client.runs.stream(threadId, "media_planner", {
    streamMode: ["values", "messages-tuple", "updates", "custom"],
    streamResumable: true,
    onDisconnect: "continue",
    onRunCreated: (run) => runs.push(run),
    ...options,
  });
  for await (const part of stream) {
    parts.push(part);
    await onPart(part, runs[0]);
  }
  return { parts, run: runs[0] };
}

const scenarios = {
  async chat() {
    const thread = await client.threads.create({ threadId, ifExists: "do_nothing" });
    const got = await streamed({ input });
    return { thread, ...got, state: await client.threads.getState(threadId) };
  },
  async reload() {
    return {
      history: await client.threads.getHistory(threadId),
      state: await client.threads.getState(threadId),
      threads: await client.threads.search({ limit: 5 }),
      runs: await client.runs.list(threadId),
    };
  },
  async cancel() {
    const got = await streamed({ input, ifNotExists: "create" }, async (part, run) => {
      if (part.event === "values" && !run.cancelled) {
        run.cancelled = true;
        await client.runs.cancel(threadId, run.run_id);
      }
    });
    return { ...got, status: (await client.runs.get(threadId, got.run.run_id)).status };
  },
  async join() {
    const run = await client.runs.create(threadId, "media_planner", { input, ifNotExists: "create" });
    const values = await client.runs.join(threadId, run.run_id);
    const parts = [];
    for await (const part of client.runs.joinStream(threadId, run.run_id, { lastEventId: "-1" })) parts.push(part);
    return { values, parts };
  },
  async approval() {
    const asked = await streamed({ input, ifNotExists: "create" });
    const waiting = await client.threads.getState(threadId);
    const answered = await streamed({ command: { resume: { decisions: [{ type: "reject", message: "Not now." }] } } });
    return { asked, waiting, answered, state: await client.threads.getState(threadId) };
  },
  async refused() {
    try {
      await client.runs.create(threadId, "media_planner", { command: { goto: "planning" }, ifNotExists: "create" });
    } catch (error) {
      return { status: error.status, message: error.message };
    }
  },
};

process.stdout.write(JSON.stringify(await scenarios[scenario]()));
