import type { TrainedRun } from "../open/contract.js";
import type { NamedTensor } from "./files/safetensors.js";

/**
 * The model's weights under names that PyTorch users expect: a table is `<name>.weight` [rows, dim], as of nn.Embedding; the matrix
 * of a dense layer, which we keep as [in, out], is [out, in], as of nn.Linear. Beside them what scores are computed from, where
 * that is no table: `encoded.users`, `encoded.items`.
 */
export function torchTensors(run: TrainedRun): NamedTensor[] {
  const weights = run.weightsByName().map(({ name, shape, values, kind }): NamedTensor => {
    if (kind === "table") return { name: `${name}.weight`, shape, values };
    const [rows = 0, columns = 0] = shape;
    if (kind === "variable" || shape.length !== 2) return { name, shape, values };
    return { name, shape: [columns, rows], values: transposed(values, rows, columns) };
  });
  return [...weights, ...encoded(run, weights)];
}

function encoded(run: TrainedRun, weights: readonly NamedTensor[]): NamedTensor[] {
  if (!run.ranks) return [];
  return (["users", "items"] as const).flatMap((side) => {
    const { ids, dim, values } = run.embeddings(side);
    const held = weights.some(
      ({ values: own }) => own.length === values.length && own.every((v, k) => v === values[k]),
    );
    return held ? [] : [{ name: `encoded.${side}`, shape: [ids.length, dim], values }];
  });
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c] as number;
  }
  return out;
}
