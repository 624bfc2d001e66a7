/** The page of published numbers and our runs of them. */
import { table } from "../sync/markdown.mjs";
import { deviation, hours, mean, number, signed, slug, spread } from "./words.mjs";

/** Two standard errors of our seeds, and the spread of theirs: what counts as the same. */
function toleranceOf(values, spreadOfTheirs) {
  const sd = deviation(values);
  return sd === null ? null : (2 * sd) / Math.sqrt(values.length) + spreadOfTheirs;
}

/** A published number beside our seeds' values. */
function beside(metric, published, runs, theirs) {
  const values = runs.map(({ values: own }) => own[metric]);
  const difference = mean(values) - published;
  const tolerance = toleranceOf(values, theirs);
  const within = tolerance === null ? null : Math.abs(difference) <= tolerance;
  return { metric, published, ours: spread(mean(values), deviation(values)), difference, tolerance, within };
}

const besideAll = ({ published, runs = [], spread: theirs }) =>
  runs.length === 0 ? [] : Object.entries(published).map(([metric, value]) => beside(metric, value, runs, theirs));

const metricRow = ({ metric, published, ours, difference, tolerance, within }) => [
  metric,
  number(published),
  ours,
  signed(difference),
  number(tolerance),
  within === null ? "one seed" : within ? "within noise" : "**outside**",
];

/** A row an entry: every number beside ours. */
function overviewRow(entry) {
  const all = besideAll(entry);
  const judged = all.filter(({ within }) => within !== null);
  const name = `[${entry.title}](#${slug(entry.title)})`;
  if (all.length === 0) return [name, "0", "not run", "–"];
  const cells = all.map(({ metric, published, ours }) => `${metric} ${number(published)} / ${ours}`);
  const count = judged.filter(({ within }) => within).length;
  return [
    name,
    String(entry.runs.length),
    cells.join("; "),
    judged.length === 0 ? "one seed" : `${count} of ${judged.length}`,
  ];
}

function section({
  id,
  title,
  setting,
  command,
  published,
  spread: theirs,
  theirs: whose = "Published",
  runs = [],
  note,
}) {
  const intro = [`## ${title}`, setting, `\`\`\`sh\n${command}\n\`\`\``];
  if (runs.length === 0)
    return [...intro, `Not run yet (\`${id}\`).${note === undefined ? "" : ` ${note}`}`].join("\n\n");
  const head = [
    "Metric",
    whose,
    `Ours (${runs.length} seed${runs.length === 1 ? "" : "s"})`,
    "Difference",
    "Tolerance",
    "",
  ];
  const rows = besideAll({ published, runs, spread: theirs }).map(metricRow);
  const seconds = runs.reduce((total, { wallSeconds }) => total + (wallSeconds ?? 0), 0);
  const epochs = runs.map(({ bestEpoch, epochs: all }) =>
    all == null ? null : bestEpoch == null ? `${all}` : `${bestEpoch} of ${all}`,
  );
  const machines = [...new Set(runs.map(({ environment }) => machineOf(environment)))].join("; ");
  const facts = `Seeds ${runs.map(({ seed }) => seed).join(", ")}${epochs.includes(null) ? "" : `; best epoch ${epochs.join(", ")}`}; ${hours(seconds)} of wall time. ${machines}.`;
  return [...intro, table(head, rows), facts, ...(note === undefined ? [] : [note])].join("\n\n");
}

const machineOf = ({ gradpool, node, engine, processor, memory }) =>
  [gradpool && `gradpool ${gradpool}`, node && `Node ${node}`, engine, processor, memory].filter(Boolean).join(", ");

export const referencePage = ({ about, entries }) => `# References

${about}

${table(["Reference", "Seeds", "Published / ours (mean ± sd)", "Within noise"], entries.map(overviewRow))}

${entries.map(section).join("\n\n")}
`;
