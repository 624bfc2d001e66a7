import { vectorsOf } from "@gradpool/trainer";
import { placeOf, rowBatch } from "./batch.js";
import { chunksOf } from "./chunks.js";
import type { InputRow, Prediction } from "./contract.js";
import { problem } from "./errors.js";
import type { Opened } from "./opened.js";
import { rowsAtOnce } from "./score.js";
import { meanRow, outputsOf } from "./strangers.js";

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** Every task's probability for each row, in order. Error `unsupported`: the model learnt an order, not probabilities. */
export async function* predictEach(
  run: Opened,
  rows: Iterable<InputRow> | AsyncIterable<InputRow>,
): AsyncGenerator<Prediction> {
  const predictChunk = run.made.model.kind === "tensor" ? byHeads : byInnerProducts(run);
  for await (const chunk of chunksOf(rows, rowsAtOnce)) yield* predictChunk(run, chunk);
}

/** Rows with a new user, a new item, both, or neither are predicted apart. */
function byHeads(run: Opened, rows: readonly InputRow[]): Prediction[] {
  const { tasks } = run.made.model as { readonly tasks: readonly { name: string; objective: string }[] };
  const users = rows.map((row) => placeOf(run, "users", row));
  const items = rows.map((row) => placeOf(run, "items", row));
  const predictions = Array.from<Prediction>({ length: rows.length });
  for (const strange of [
    { users: false, items: false },
    { users: true, items: false },
    { users: false, items: true },
    { users: true, items: true },
  ]) {
    const places = rows.flatMap((_, k) =>
      (users[k] as number) < 0 === strange.users && (items[k] as number) < 0 === strange.items ? [k] : [],
    );
    if (places.length === 0) continue;
    const pick = <T>(list: readonly T[]): T[] => places.map((k) => list[k] as T);
    const { batch, unknown } = rowBatch(run, pick(users), pick(items), pick(rows));
    const outputs = outputsOf(run, batch, strange);
    places.forEach((place, k) => {
      const values = tasks.map(({ name, objective }, t) => {
        const output = (outputs[t] as Float32Array)[k] as number;
        return [name, objective === "bce" ? sigmoid(output) : output] as const;
      });
      predictions[place] = { values: Object.fromEntries(values), unknown: unknown[k] ?? [] };
    });
  }
  return predictions;
}

function byInnerProducts(run: Opened): (run: Opened, rows: readonly InputRow[]) => Prediction[] {
  const { engine, made, folder } = run;
  const tasks = (made.model.tasks as readonly { name: string; objective: string }[]).filter(
    ({ objective }) => objective === "bce",
  );
  engine.settle();
  const vectors = vectorsOf(engine, made.model);
  if (tasks.length === 0 || vectors === null) {
    const what = `${made.model.name} learnt an order of items, not probabilities`;
    throw problem("unsupported", what, folder, "ask it for lists (recommend) or scores, or train it with loss=bce");
  }
  const { dim } = vectors;
  const means = { users: meanRow(vectors.users, dim), items: meanRow(vectors.items, dim) };
  const rowOf = (side: "users" | "items", place: number): Float32Array =>
    place < 0 ? means[side] : vectors[side].subarray(place * dim, (place + 1) * dim);
  return (_, rows) =>
    rows.map(({ user, item }) => {
      const [u, i] = [run.users.find(user), run.items.find(item)];
      const [a, b] = [rowOf("users", u), rowOf("items", i)];
      const score = a.reduce((sum, value, d) => sum + value * (b[d] as number), 0);
      const values = Object.fromEntries(tasks.map(({ name }) => [name, sigmoid(score)]));
      return { values, unknown: [...(u < 0 ? ["user"] : []), ...(i < 0 ? ["item"] : [])] };
    });
}
