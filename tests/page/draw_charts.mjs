// Draws Vega-Lite specifications from standard input with the vendored Vega, where nothing may be evaluated as code.

import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

import { viewOf } from "../../server/api/static/chart.js";

const VEGA = new URL("../../server/api/static/vega/", import.meta.url);
for (const part of ["vega", "vega-lite", "vega-interpreter"]) {
  runInThisContext(readFileSync(new URL(`${part}.min.js`, VEGA), "utf8"));
}

const drawn = {};
for (const [name, spec] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  drawn[name] = await viewOf(globalThis, { ...spec, width: 600 }).toSVG();
}
process.stdout.write(JSON.stringify(drawn));
