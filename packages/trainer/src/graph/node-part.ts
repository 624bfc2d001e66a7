import { type RowSource } from "../tables/row-part.js";
import type { Arena, Region } from "../memory/arena.js";
import type { NodeTables } from "./nodes.js";

/** The tasks' gradients of E0, each a row per node in the graph's order, as the rows of one table. All of its rows are touched. */
export interface NodeSource extends RowSource {
  /** Which tasks take part in this step, and where each one's gradient lies. */
  take(present: readonly boolean[], gradients: readonly (() => Float32Array)[]): void;
}

export function nodeSource(arena: Arena, nodes: NodeTables, name: string, tasks: number): NodeSource {
  const rows = nodes.nodesOf(name).length;
  const counting = arena.allocate(4 * rows);
  for (let k = 0; k < rows; k++) counting.i32[k] = k;
  const positions: Region = arena.allocate(4 * rows * tasks);
  let placed = "";
  let sums: readonly (() => Float32Array)[] = [];

  return {
    spec: { name, dim: nodes.width },
    arena,
    touched: {
      used: rows,
      accumulators: tasks,
      unpooled: 0,
      accumulated: () => ({
        positions: positions.i32,
        tasks,
        sums: sums.map((sum) => sum()),
        used: rows,
        dim: nodes.width,
      }),
      sorted: () => ({ slotIds: counting.i32, used: rows, order: counting.i32 }),
      ranks: () => counting.i32,
    },
    take(present, gradients) {
      sums = gradients;
      const key = present.join();
      if (key === placed) return;
      placed = key;
      const places = positions.i32;
      const node = nodes.nodesOf(name);
      for (let k = 0; k < rows; k++)
        for (let t = 0; t < tasks; t++) places[k * tasks + t] = present[t] === true ? (node[k] as number) : -1;
    },
  };
}
