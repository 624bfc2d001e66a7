/** The page of published numbers and our runs of them. */
import { table } from "../sync/markdown.mjs";
import { deviation, hours, mean, number, signed, spread } from "./words.mjs";

/** Two standard errors of our seeds, and the spread of theirs: what counts as the same. */
function toleranceOf(values, spreadOfTheirs) {
  const sd = deviation(values);
  return sd === null ? null : (2 * sd) / Math.sqrt(values.length) + spreadOfTheirs;
}

function metricRow(metric, published, runs, theirs) {
  const values = runs.map(({ values: own }) => own[metric]);
  const difference = mean(values) - published;
  const tolerance = toleranceOf(values, theirs);
  const verdict = tolerance === null ? "one seed" : Math.abs(difference) <= tolerance ? "within noise" : "**outside**";
  return [
    metric,
    number(published),
    spread(mean(values), deviation(values)),
    signed(difference),
    number(tolerance),
    verdict,
  ];
}

function section({ id, title, setting, command, published, spread: theirs, runs = [], note }) {
  const intro = [`## ${title}`, setting, `\`\`\`sh\n${command}\n\`\`\``];
  if (runs.length === 0)
    return [...intro, `Not run yet (\`${id}\`).${note === undefined ? "" : ` ${note}`}`].join("\n\n");
  const head = [
    "Metric",
    "Published",
    `Ours (${runs.length} seed${runs.length === 1 ? "" : "s"})`,
    "Difference",
    "Tolerance",
    "",
  ];
  const rows = Object.entries(published).map(([metric, value]) => metricRow(metric, value, runs, theirs));
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

${entries.map(section).join("\n\n")}
`;
