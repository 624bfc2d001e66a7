import { didYouMean } from "@gradpool/registry";
import { breather } from "@gradpool/trainer";
import { namesGiven, rowBatch } from "./batch.js";
import type { Id, InputRow, RankedItem, RankOptions, UserList } from "./contract.js";
import { problem } from "./errors.js";
import type { Opened } from "./opened.js";
import { rowsAtOnce } from "./score.js";
import { outputsOf } from "./strangers.js";

interface RowsToRank {
  readonly k: number;
  /** Place of the task that ranks. */
  readonly task: number;
  readonly candidates: Int32Array;
  readonly given: NonNullable<RankOptions["given"]>;
  /** A user's items that are left out, by dense user. */
  seen(user: number): ReadonlySet<number>;
}

/**
 * The best items of each user by a model of labelled rows: a row for each candidate, with what the data knows of the user and the item
 * and, of what belongs to a row, the same `given` for all. The mean user stands for a new one. A pass through the model for each
 * `rowsAtOnce` rows, so that it costs users × candidates.
 */
export async function* recommendByRows(
  run: Opened,
  users: Iterable<Id> | AsyncIterable<Id>,
  asked: RowsToRank,
): AsyncGenerator<UserList> {
  requireFeatures(run, asked.given);
  const breathe = breather();
  for await (const id of users) {
    const user = run.users.find(id);
    await breathe();
    yield { user: String(id), known: user >= 0, items: bestOf(run, user, scoresOf(run, user, asked), asked) };
  }
}

/** Probabilities (of a task with real labels its values) of a user's candidates. */
function scoresOf(run: Opened, user: number, { candidates, given, task }: RowsToRank): Float32Array {
  const scores = new Float32Array(candidates.length);
  for (let from = 0; from < candidates.length; from += rowsAtOnce) {
    const items = [...candidates.subarray(from, from + rowsAtOnce)];
    const rows = items.map(() => given as InputRow);
    const { batch } = rowBatch(
      run,
      items.map(() => user),
      items,
      rows,
    );
    scores.set(outputsOf(run, batch, { users: user < 0, items: false })[task] as Float32Array, from);
  }
  return scores;
}

/** Ties to the item that comes first, as in rankings by vectors. */
function bestOf(
  run: Opened,
  user: number,
  scores: Float32Array,
  { k, task, candidates, seen }: RowsToRank,
): RankedItem[] {
  const left = user < 0 ? new Set<number>() : seen(user);
  const order = [...scores.keys()].filter((at) => !left.has(candidates[at] as number));
  order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  const { objective } = run.made.model.tasks[task] as { readonly objective: string };
  return order.slice(0, k).map((at) => {
    const output = scores[at] as number;
    const score = objective === "bce" ? 1 / (1 + Math.exp(-output)) : output;
    return { item: run.items.all[candidates[at] as number] as string, score };
  });
}

function requireFeatures({ data, folder }: Opened, given: object): void {
  const names = namesGiven(data.set);
  const wrong = Object.keys(given).find((name) => !names.includes(name));
  if (wrong === undefined) return;
  const remedy = names.length === 0 ? "leave it out" : didYouMean(wrong, names, `its rows have ${names.join(", ")}`);
  throw problem("invalid-option", `rows of the run have no feature ${wrong}`, folder, remedy);
}
