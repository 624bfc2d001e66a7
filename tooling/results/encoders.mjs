/** Figure 3 and Table 3 of PMTRec: encoders × tasks. */
import { table } from "../sync/markdown.mjs";
import { pValue, spread } from "./words.mjs";

const columns = ["BPR", "+T1", "+T2", "+T1,T2", "EW"];

/** With MF the paper's main comparison has BPR alone, both tasks and EW under names of their own. */
const ofMf = { BPR: "Single", "+T1,T2": "PMTRec", EW: "EW" };

const labelOf = (encoder, column) => (encoder === "MF" && ofMf[column]) || `${encoder} ${column}`;

/** A row an encoder; nothing where no encoder but MF was run. */
export function encoderTable(set, metric) {
  const find = (encoder, column) => set.contenders.find(({ label }) => label === labelOf(encoder, column));
  const encoders = ["MF", "NGCF", "LightGCN"].filter((encoder) => find(encoder, "BPR") && find(encoder, "+T1,T2"));
  if (encoders.length < 2) return [];
  const cell = (encoder, column) => {
    const one = find(encoder, column);
    if (!one?.test[metric]) return "–";
    const { mean, sd } = one.test[metric];
    const judged = one.baseline === labelOf(encoder, "BPR") ? one.verdicts[metric]?.p : undefined;
    return `${spread(mean, sd)}${judged === undefined ? "" : ` (p ${pValue(judged)})`}`;
  };
  return [
    `Encoders × tasks, ${metric} on test (p of the paired t against BPR alone on the same encoder, uncorrected). T1 and T2 are ${set.base.tasks.slice(1).join(" and ")}; where there are side tasks, PMTRec pools, and in the last column equal weights do:`,
    table(
      ["", ...columns],
      encoders.map((encoder) => [encoder, ...columns.map((column) => cell(encoder, column))]),
    ),
  ];
}
