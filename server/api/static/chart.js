// Charts: Vega-Lite specifications, drawn by the vendored Vega (vega/SOURCES.md), which is fetched with the first one.

import { element } from "./elements.js";

const PARTS = ["vega.min.js", "vega-lite.min.js", "vega-interpreter.min.js"];
let library = null;

export function chart(spec) {
  const place = element("div", "", { class: "chart" });
  place.textContent = "Drawing…";
  shown(place)
    .then(() => draw(place, spec))
    .catch(() => {
      library = null;
      place.textContent = "The chart can't be drawn here.";
    });
  return place;
}

// A chart is as wide as its place, so that the place has to be on the page first.
async function shown(place) {
  library ??= PARTS.reduce((before, part) => before.then(() => fetched(part)), Promise.resolve());
  await library;
  while (!place.isConnected) await new Promise((next) => requestAnimationFrame(next));
}

async function draw(place, spec) {
  place.textContent = "";
  const view = viewOf(globalThis, { width: "container", ...spec, config: { ...spec.config, ...look(place) } });
  await view.initialize(place).hover().runAsync();
}

// Nothing is evaluated as code (the page's policy forbids it) and nothing is loaded: a chart brings its data along.
export function viewOf({ vega, vegaLite }, spec) {
  const refused = () => Promise.reject(new Error("a chart loads nothing"));
  const parsed = vega.parse(vegaLite.compile(spec).spec, null, { ast: true });
  const loader = { load: refused, sanitize: refused, http: refused, file: refused };
  const options = { expr: vega.expressionInterpreter, loader, renderer: "svg", logLevel: vega.Error };
  return new vega.View(parsed, options);
}

function fetched(part) {
  return new Promise((done, failed) => {
    const script = element("script", "", { src: `/static/vega/${part}` });
    script.addEventListener("load", done);
    script.addEventListener("error", failed);
    document.head.append(script);
  });
}

// In the page's own colours and letters, by day and by night.
function look(place) {
  const style = getComputedStyle(place);
  const [ink, soft, line] = ["--ink", "--soft", "--line"].map((name) => style.getPropertyValue(name).trim());
  const words = { labelColor: soft, titleColor: ink, labelFont: style.fontFamily, titleFont: style.fontFamily };
  return {
    background: null,
    font: style.fontFamily,
    view: { stroke: null },
    axis: { ...words, gridColor: line, domainColor: line, tickColor: line },
    legend: { ...words, orient: "bottom", columns: 3, symbolStrokeColor: ink },
    title: { color: ink, subtitleColor: soft, font: style.fontFamily, subtitleFont: style.fontFamily },
  };
}
