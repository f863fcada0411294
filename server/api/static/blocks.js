// Tables, plans, charts and files as elements.

import { chart } from "./chart.js";
import { button, element } from "./elements.js";
import { money, number, size } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const ROW = 26;

// `fetchFile` is called with the file that somebody wants.
export function block(content, fetchFile) {
  const draw = { table, plan, chart: charted, file: (one) => file(one, fetchFile) }[content.kind];
  return draw ? draw(content) : null;
}

function table({ title, columns, rows }) {
  return figure(title, grid(columns, rows));
}

function plan({ plan }) {
  const columns = [
    { key: "label", label: "Channel" },
    { key: "budget", label: "Budget", align: "right" },
    { key: "share", label: "Share", align: "right" },
    { key: "impressions", label: "Impressions", align: "right" },
    { key: "clicks", label: "Clicks", align: "right" },
    { key: "conversions", label: "Conversions", align: "right" },
  ];
  const rows = plan.lines.map((line) => ({
    label: line.label,
    budget: money(line.budget),
    share: `${line.share} %`,
    impressions: number(line.impressions),
    clicks: number(line.clicks),
    conversions: number(line.conversions),
  }));
  const state = plan.number === plan.current_number ? "current" : plan.kind;
  const title = `${plan.campaign_name}: version ${plan.number} (${state}), ${money(plan.total)}`;
  const shares = plan.lines.map((line) => ({ name: line.label, size: Number(line.share), text: `${line.share} %` }));
  return figure(title, grid(columns, rows), bars(shares, title));
}

function charted({ title, spec }) {
  const made = element("figure", "", { class: "block", "aria-label": title });
  made.append(chart(spec));
  return made;
}

function file(one, fetchFile) {
  const made = element("div", "", { class: "block" });
  made.append(button(`Download ${one.name} (${size(one.size)})`, () => fetchFile(one)));
  return made;
}

function figure(title, ...parts) {
  const made = element("figure", "", { class: "block" });
  made.append(element("figcaption", title), ...parts);
  return made;
}

// `columns` are {key, label, align}; a cell is a text or an element.
export function grid(columns, rows) {
  const made = element("table");
  const head = made.createTHead().insertRow();
  for (const { label, align } of columns) head.append(element("th", label, { scope: "col", class: align ?? "left" }));
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const { key, align } of columns) {
      const cell = element("td", "", { class: align ?? "left" });
      cell.append(row[key] ?? "");
      line.append(cell);
    }
  }
  return made;
}

function bars(values, title) {
  const most = Math.max(...values.map(({ size }) => size), 1e-9);
  const picture = drawn("svg", { class: "bars", viewBox: `0 0 600 ${values.length * ROW}`, role: "img", "aria-label": title });
  values.forEach(({ name, size, text }, row) => {
    const y = row * ROW;
    const width = Math.max(1, (size / most) * 330);
    picture.append(
      drawn("text", { x: 150, y: y + 17, "text-anchor": "end" }, name),
      drawn("rect", { x: 160, y: y + 4, width, height: ROW - 8, rx: 3 }),
      drawn("text", { x: 166 + width, y: y + 17 }, text),
    );
  });
  return picture;
}

function drawn(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
