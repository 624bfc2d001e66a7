/** The table of what methods cost in docs, from what `npm run costs` measured. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../workspace.mjs";
import { replaceMarked, table } from "./markdown.mjs";

const measured = "docs/costs.json";

/** The page's text with the table as it is now. */
export function costs(text, page) {
  const path = join(root, measured);
  return existsSync(path) ? replaceMarked(text, "costs", drawn(JSON.parse(readFileSync(path, "utf8"))), page) : text;
}

/** @param {Record<string, any>} data */
function drawn({ weights, mf, ctr }) {
  const names = [...new Set([weights, mf, ctr].flatMap((part) => Object.keys(part?.figures ?? {})))].sort();
  const rows = names.map((name) => [
    `\`${name}\``,
    decision(weights?.figures[name]),
    ratio(mf?.figures[name]),
    ratio(ctr?.figures[name]),
  ]);
  const head = ["Method", "decision, µs", "step / EW, mf", "step / EW, ctr"];
  const parts = [
    ["a decision", weights],
    ["mf", mf],
    ["ctr", ctr],
  ].filter(([, part]) => part !== undefined);
  return `${table(head, rows)}\n\nMeasured: ${parts.map(([name, part]) => said(name, part)).join("; ")}.`;
}

const decision = (figure) => (figure === undefined ? "" : `${figure.microseconds}${figure.looks ? " \\*" : ""}`);

function ratio(figure) {
  if (figure === undefined) return "";
  if (figure.ratio === undefined) return "1";
  const { median, low, high } = figure.ratio;
  const tasks = figure.tasks === undefined ? "" : `, ${figure.tasks} tasks`;
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)}${tasks})`;
}

function said(name, { date, processor, cores, node, shape, tasks, coordinates }) {
  const sizes =
    shape === undefined
      ? `${tasks} tasks, ${coordinates} coordinates`
      : Object.entries(shape)
          .map(([key, value]) => `${key} ${Array.isArray(value) ? value.join("-") : value}`)
          .join(", ");
  return `${name} (${sizes}) ${date}, ${processor}, ${cores} cores, Node ${node}`;
}
