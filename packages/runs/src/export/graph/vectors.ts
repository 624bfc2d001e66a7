import type { TrainedRun } from "../../open/contract.js";
import { scoreName } from "./build.js";
import type { Constant, DenseGraph, KernelCall, Value } from "./contract.js";

/**
 * A model that scores by inner products: from users, [rows], to the scores of all items, [rows, items], by every task's score. Behind
 * a graph encoder the vectors are its output. Written out, not traced: a pass would hold the scores of a thousand users.
 */
export function vectorGraph(run: TrainedRun): DenseGraph {
  const [users, items] = (["users", "items"] as const).map((side): Constant => {
    const { ids, dim, values } = run.embeddings(side);
    return { name: `${side}.weight`, dtype: "float32", shape: [ids.length, dim], values };
  }) as [Constant, Constant];
  const user: Value = { name: "user", dtype: "int32", shape: [-1] };
  const rows: Value = { name: "rows", dtype: "float32", shape: [-1, users.shape[1] as number] };
  const scores: Value = { name: "scores", dtype: "float32", shape: [-1, items.shape[0] as number] };
  const outputs = run.tasks.map((task): Value => ({ ...scores, name: scoreName(task) }));
  const calls: KernelCall[] = [
    { kernel: "GatherV2", inputs: [users, user], output: rows, attributes: { axis: 0 } },
    { kernel: "BatchMatMul", inputs: [rows, items], output: scores, attributes: { transposeB: true } },
    ...outputs.map((output) => ({ kernel: "Identity", inputs: [scores], output, attributes: {} })),
  ];
  return { inputs: [user], constants: [users, items], calls, outputs };
}
