import type { NodeList } from "@gradpool/models";
import type { Passed } from "./forward.js";
import type { ReadTable } from "./reading.js";
import type { GraphWork } from "./work.js";

/**
 * Writes one task's gradient of the rows of Z to the block `arriving`, and answers with their nodes: those that the task touched, or,
 * for encoders that go back from the nodes of the forward pass alone, all of these, with zeros where it touched none.
 */
export function arriveFrom(work: GraphWork, { nodes }: Passed, task: number): NodeList {
  const { reading, arriving, arena, z, run } = work;
  if (run.backFromAny === true) return ownRows(work, nodes, task);
  arriving.shape(nodes.count, z.width);
  for (const { touched, first } of reading.tables)
    arena.kernels.expand(touched.accumulated(), task, null, arriving.values.subarray(first * z.width));
  return nodes;
}

/** In the order of `nodes`: first the nodes, behind them each one's place in the task's accumulator. */
function ownRows({ reading, arriving, arena, z, chosen }: GraphWork, nodes: NodeList, task: number): NodeList {
  const { tables } = reading;
  const cells = chosen.need(8 * nodes.count).i32;
  let count = 0;
  const ends = tables.map((table) => (count = listRows(table, task, nodes, cells, count)));
  arriving.shape(count, z.width);
  tables.forEach(({ touched }, k) => {
    const from = ends[k - 1] ?? 0;
    const places = chosen.region.i32.subarray(nodes.count + from);
    const sum = touched.accumulated().sums[task] as Float32Array;
    arena.kernels.gather(sum, places, (ends[k] as number) - from, z.width, arriving.values.subarray(from * z.width));
  });
  return {
    count,
    get ids() {
      return chosen.region.i32;
    },
  };
}

/** Appends the table's nodes that the task touched to the first `count`; answers with how many there are now. */
function listRows(
  { touched, first }: ReadTable,
  task: number,
  nodes: NodeList,
  cells: Int32Array,
  count: number,
): number {
  const { positions, tasks } = touched.accumulated();
  let end = count;
  for (let slot = 0; slot < touched.used; slot++) {
    const place = positions[slot * tasks + task] as number;
    if (place < 0) continue;
    cells[end] = nodes.ids[first + slot] as number;
    cells[nodes.count + end++] = place;
  }
  return end;
}
