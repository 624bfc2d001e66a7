/** The pages of docs/results, drawn from the data: no number on them is typed. */
import { comparisonSection } from "./comparison.mjs";
import { complexitySection } from "./complexity-section.mjs";
import { judge } from "./judge.mjs";
import { readingsPage } from "./readings-page.mjs";
import { strategiesPages } from "./strategies-page.mjs";
import { referencePage } from "./reference-page.mjs";
import { claims, comparisons, references } from "./store.mjs";
import { table } from "../sync/markdown.mjs";
import { counted, hours, number, pValue, signed, slug } from "./words.mjs";

const generated = "<!-- written by npm run results: change the data or the tool, not this page -->";

/** Papers in the order of the pages. */
const papers = (all) => Object.entries(all.papers);

const of = (sets, recipes) => sets.filter(({ recipe }) => recipes.includes(recipe));

const paperOf = (all, { recipe }) => papers(all).find(([, { recipes }]) => recipes.includes(recipe))?.[0];

const verdicts = ["confirmed", "refuted", "not shown"];

/** Claims that only a part of a recipe can judge name its budget. */
const isOf = ({ budget = "small" }, set) => set.budget === null || set.budget.name === budget;

/** Every claim of a paper on every comparison that can judge it; a claim that none can is there, too. */
function judgements(all, paper, sets) {
  return all.claims
    .filter((claim) => claim.paper === paper)
    .flatMap((claim) => {
      const found = of(sets, claim.recipes).flatMap((set) => {
        const judged = set.experiment || !isOf(claim, set) ? null : judge(claim, set);
        return judged === null ? [] : [{ claim, set, ...judged }];
      });
      return found.length > 0 ? found : [{ claim, set: null, verdict: "not run", weakest: null, tests: [] }];
    });
}

function claimRow({ claim, set, verdict, weakest, tests }) {
  if (set === null) return [claim.text, claim.where, "–", "not run", "–", "–", "–"];
  const { metric, own, other, difference, pHolm } = weakest;
  const counted = tests.length === 1 ? "" : ` (of ${tests.length})`;
  const digits = metric === "speed" ? 0 : 4;
  // Who it is of goes without saying where the claim has one subject alone.
  const who = claim.of === undefined ? `${own} ` : "";
  const where = claim.part === "valid" ? `${metric} on validation` : metric;
  const numbers = `${who}${number(weakest.of, digits)} against ${number(weakest.against, digits)}, ${other}, ${where}${counted}`;
  return [
    claim.text,
    claim.where,
    `[${set.words}](#${anchor(set)})`,
    `**${verdict}**`,
    numbers,
    signed(difference, digits),
    pValue(pHolm),
  ];
}

const anchor = ({ name }) => slug(name);

/** Processor time of comparisons for which it was kept. */
function processorWords(seconds, unmeasured, count) {
  if (unmeasured === count) return "processor time was not kept";
  return `${hours(seconds)} of processor${unmeasured === 0 ? "" : `, ${unmeasured} of ${count} comparisons not counted`}`;
}

function paperPage(all, paper, { title, cite, recipes }, sets) {
  const own = of(sets, recipes);
  const judged = judgements(all, paper, sets);
  const total = (field) => own.reduce((sum, { trials }) => sum + (trials[field] ?? 0), 0);
  const unmeasured = own.filter(({ trials }) => trials.processorSeconds === undefined).length;
  const head = ["The paper says", "Where", "Measured on", "Verdict", "What decides", "Difference", "p (Holm)"];
  return `${generated}

# ${title}

${cite} How to run it: [Reproduce a paper](../reproduce-a-paper.md). All results: [Results](README.md).

## Claims

A claim is **confirmed** where every difference that it names is in its direction and significant (paired t over seeds, two-sided, Holm-corrected within
the claim), **refuted** where one is significant the other way, else **not shown**; where it says that some value is better than one, a single difference is
enough, and all of them refute. The comparison that speaks most against it (there: for it) is the one shown. With two seeds nearly nothing can be shown, whatever is so. Compute of all trials on this page: ${hours(total("wallSeconds"))} of wall time, as the machines were; ${processorWords(total("processorSeconds"), unmeasured, own.length)}.

${table(head, judged.map(claimRow))}

${own.length === 0 ? "Nothing has been run yet." : [...(paper === "pmtrec" ? complexitySection() : []), ...own.map((set) => comparisonSection(set, anchor(set)))].join("\n\n")}
`;
}

function indexPage(all, sets, held) {
  const rows = sets.map((set) => {
    const paper = paperOf(all, set);
    const where = paper === undefined ? set.name : `[${set.name}](${paper}.md#${anchor(set)})`;
    return [
      where,
      `\`${set.recipe}\``,
      set.words,
      String(set.seeds.length),
      counted(set.trials.count, "trial"),
      hours(set.trials.wallSeconds),
      set.budget === null ? "whole" : `\`${set.budget.name}\``,
    ];
  });
  const counts = papers(all).map(([paper, { title }]) => {
    const judged = judgements(all, paper, sets);
    const count = (verdict) => String(judged.filter((one) => one.verdict === verdict).length);
    return [`[${title}](${paper}.md)`, ...verdicts.map(count), count("not run")];
  });
  const runs = held.entries.filter(({ runs: own }) => own?.length > 0).length;
  return `${generated}

# Results

What our runs measured, as data (\`data/*.json\`: settings, machine, versions, time, every seed's value) and as pages drawn from it. Numbers of papers and of
other projects are never ours; they stand beside ours, marked.


${table(["Paper", ...verdicts, "not run"], counts)}

Published numbers repeated by our command: [References](references.md), ${runs} of ${held.entries.length} run. Grid, random points and halving on
two data sets: [Ways to search](strategies.md). What a paper leaves open, run both ways: [Readings](readings.md).

## Comparisons

${rows.length === 0 ? "None yet." : table(["Comparison", "Recipe", "Data", "Seeds", "Trials", "Wall time", "Schedule"], rows)}

## Add one

A finished comparison's folder becomes a file of data and a section of its paper's page, in place of the one of that name:

\`\`\`sh
npm run results -- add runs/thesis --name thesis-taobao --words "Taobao" --circumstances "quiet machine, two jobs"
npm run results -- reference hetrec-bpr runs/bpr-1 runs/bpr-2
npm run results
\`\`\`

\`npm run sync -- --check\`, one of the checks, fails where a page is not what its data say.
`;
}

/** [path, text] of every page. */
export function resultPages() {
  const [all, sets, held] = [claims(), comparisons(), references()];
  return [
    ["docs/results/README.md", indexPage(all, sets, held)],
    [
      "docs/results/readings.md",
      `${generated}\n\n${readingsPage(sets, (set) => `${paperOf(all, set)}.md#${anchor(set)}`)}`,
    ],
    ["docs/results/references.md", `${generated}\n\n${referencePage(held)}`],
    ...papers(all).map(([paper, about]) => [`docs/results/${paper}.md`, paperPage(all, paper, about, sets)]),
    ...strategiesPages(),
  ];
}
