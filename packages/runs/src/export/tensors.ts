import type { TrainedRun } from "../open/contract.js";
import type { FeatureRows } from "@gradpool/data";
import { featureRows } from "./feature-rows.js";
import type { NamedTensor } from "./files/safetensors.js";

/**
 * The model's weights under names that PyTorch users expect: a table is `<name>.weight` [rows, dim], as of nn.Embedding; the matrix
 * of a dense layer, which we keep as [in, out], is [out, in], as of nn.Linear. Embeddings of features have a table each,
 * `<name>.<feature>.weight`, and rows with their features are `<name>.composed`. Beside them what scores are computed from, where that is
 * none of these: `encoded.users`, `encoded.items`.
 */
export function torchTensors(run: TrainedRun): NamedTensor[] {
  const parts = featureRows(run);
  const weights = run.weightsByName().flatMap(({ name, shape, values, kind }): NamedTensor[] => {
    const [rows = 0, columns = 0] = shape;
    const features = parts.get(name);
    if (kind === "table" && features !== undefined) return features.map((part) => partOf(name, part, values, columns));
    if (kind === "table") return [{ name: `${name}.weight`, shape, values }];
    if (kind === "composed") return [{ name: `${name}.composed`, shape, values }];
    if (kind === "variable" || shape.length !== 2) return [{ name, shape, values }];
    return [{ name, shape: [columns, rows], values: transposed(values, rows, columns) }];
  });
  return [...weights, ...encoded(run, weights)];
}

/** The rows of a feature in a table of all features, by the numbers of its values; 0, "missing", adds nothing. */
function partOf(
  table: string,
  { name, kind, first, rows }: FeatureRows,
  values: Float32Array,
  dim: number,
): NamedTensor {
  const own = values.slice(first * dim, (first + rows) * dim);
  if (kind !== "numerical") own.fill(0, 0, dim);
  return { name: `${table}.${name}.weight`, shape: [rows, dim], values: own };
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
