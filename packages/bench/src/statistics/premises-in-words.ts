import type { Premise, Premises } from "../results/types.js";
import type { Row } from "./compare.js";

/** Two sentences: whether several tasks help, and whether a model is needed. */
export function premisesInWords(
  { metric, several, references }: Omit<Premises, "sentences">,
  rows: readonly Pick<Row, "label" | "name">[],
): readonly string[] {
  const named = (label: string): string => rows.find((row) => row.label === label)?.name ?? label;
  const values = ({ value, other, against, relative, pHolm, of }: Premise): string => {
    const change = relative === null ? "" : `, ${signed(relative)}`;
    const others =
      against.length === 1 ? named(against[0] as string) : `the mean of ${against.length} tasks learnt alone`;
    return `${named(of)} ${shown(value)} against ${shown(other)} of ${others}${change}${tested(pHolm)}`;
  };
  return [
    several === null
      ? "Whether learning several tasks helps was not asked: no task is learnt alone."
      : `${helps[several.verdict]} ${metric} on test, the best on validation: ${values(several)}.`,
    references.length === 0
      ? "Whether a model is needed was not asked: nothing that learns nothing is among the contenders."
      : `${needed(references)} ${metric}: ${references.map(values).join("; ")}.`,
  ];
}

const helps: Readonly<Record<Premise["verdict"], string>> = {
  better: "Learning several tasks helps.",
  worse: "Learning several tasks hurts.",
  "no difference shown": "Learning several tasks is not shown to help.",
  "not testable": "Whether learning several tasks helps is not tested.",
};

function needed(references: readonly Premise[]): string {
  const having = (verdict: Premise["verdict"]): boolean => references.some((one) => one.verdict === verdict);
  if (having("worse")) return "A model is not needed: what learns nothing is better.";
  if (having("no difference shown")) return "A model is not shown to be needed.";
  return having("not testable") ? "Whether a model is needed is not tested." : "A model is needed.";
}

const shown = (value: number): string => value.toPrecision(4);

const signed = (relative: number): string => `${relative > 0 ? "+" : ""}${(100 * relative).toFixed(1)} %`;

const tested = (p: number | null): string =>
  p === null ? " (one seed: not tested)" : ` (p ${p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`})`;
