// Is every stream one that the stock client takes? A stream per line on stdin, as a JSON list of its events; out comes
// `null` or what the client's own check says about it, a line each.

import { createInterface } from "node:readline";
import { verifyEvents } from "@ag-ui/client";
import { from, lastValueFrom } from "rxjs";

for await (const line of createInterface({ input: process.stdin })) {
  const checked = verifyEvents(false)(from(JSON.parse(line)));
  const wrong = await lastValueFrom(checked).then(() => null, (error) => error.message);
  console.log(JSON.stringify(wrong));
}
