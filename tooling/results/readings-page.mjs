/** The page of readings: wherever a paper can be read two ways and both were run, what difference that made. */
import { table } from "../sync/markdown.mjs";
import { number, pValue, signed, spread } from "./words.mjs";

/** By its group, or by its name: "Vanilla, mean" is another reading of Vanilla, the baseline. */
const isReading = ({ baseline }, { group, role, label }) =>
  group === "readings" || (group === null && role === null && label.startsWith(`${baseline}, `));

/** Rows of a comparison: each reading beside the one that it is tested against, on the test part, first metric. */
function rowsOf(set) {
  const [metric] = set.base.metrics;
  return set.contenders.flatMap((one) => {
    const other = set.contenders.find(({ label }) => label === (one.baseline ?? set.baseline));
    if (!isReading(set, one) || !one.test[metric] || !other?.test[metric]) return [];
    const [ours, theirs] = [one.test[metric], other.test[metric]];
    const { p, verdict } = one.verdicts[metric] ?? {};
    return [
      [
        other.label,
        spread(theirs.mean, theirs.sd),
        one.label,
        spread(ours.mean, ours.sd),
        `${signed(ours.mean - theirs.mean)} (${signed((100 * (ours.mean - theirs.mean)) / theirs.mean, 1)} %)`,
        pValue(p),
        verdict === "better" || verdict === "worse" ? `**${verdict}**` : (verdict ?? "–"),
      ],
    ];
  });
}

const head = ["One reading", "", "The other", "", "Difference", "p", "After Holm's correction"];

/** Comparisons without a reading give no section. */
export function readingsPage(sets, where) {
  const sections = sets.flatMap((set) => {
    const rows = rowsOf(set);
    if (rows.length === 0) return [];
    const [metric] = set.base.metrics;
    const scale = set.contenders.filter(({ role, test }) => role === "reference" && test[metric]);
    const beside =
      scale.length === 0
        ? ""
        : ` For scale: ${scale.map(({ label, test }) => `${label} ${number(test[metric].mean)}`).join(", ")}.`;
    return [
      `## ${set.name}\n\n${set.title}: ${metric}, test, ${set.seeds.length} seeds, on ${set.words}. [Settings, machine, all metrics](${where(set)}).${beside}\n\n${table(head, rows)}`,
    ];
  });
  return `# Readings

Where a paper leaves something open, a recipe runs it both ways at one setting, and tests one reading against the other (paired t over seeds,
two-sided). What can be read two ways, and which options do so: [Reproduce a paper](../reproduce-a-paper.md#what-the-papers-leave-open). These are
small runs on small sets: they say which choices matter enough to be looked at, not which is right.

${sections.length === 0 ? "Nothing has been run yet." : sections.join("\n\n")}
`;
}
