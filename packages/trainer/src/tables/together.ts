import type { Arena } from "../memory/arena.js";
import { scratch } from "../memory/scratch.js";
import type { Blocks } from "./blocks.js";
import { type Addition, roundOfAdditions } from "./additions.js";
import type { AddedBlock, Placed, Together } from "./placed.js";
import type { HeldTable } from "./table.js";

export interface TogetherParts {
  readonly main: Arena;
  readonly blocks: Blocks;
  readonly tables: ReadonlyMap<string, HeldTable>;
  find(name: string): HeldTable;
  /** Finished steps. */
  steps(): number;
}

/** Steps that are not tried after one that met a row too often. */
const rest = 64;

/** Undefined where tables lie elsewhere than in `main`, or no kernels do, or rows have others beside themselves. */
export function togetherOn({ main, blocks, tables, find, steps }: TogetherParts): Together | undefined {
  const { team } = main;
  const other = ({ arena, spec }: HeldTable): boolean => arena !== main || spec.plus !== undefined;
  if (team === undefined || [...tables.values()].some(other)) return undefined;
  const used = scratch(main);
  let resting = 0;
  return {
    team,
    worth: () => resting-- <= 0,
    place: (lookup) => blocks.place(find(lookup.table), lookup),
    first: [...tables.values()].some(({ lag }) => lag !== null),
    locate(placed) {
      for (const { table, ids, slots, count } of placed) {
        const before = table.touched.used;
        table.touched.locate(ids.region, count, slots.region);
        table.lag?.catchUp(before, table.touched.used, steps());
      }
    },
    bring(values, size) {
      const bytes = values.BYTES_PER_ELEMENT * size;
      const place = team.need(bytes);
      const { buffer } = main.view(place, 1);
      new Uint8Array(buffer, place, bytes).set(new Uint8Array(values.buffer, values.byteOffset, bytes));
      return place;
    },
    add(added, last) {
      const outcome = roundOfAdditions(team, used, additionsOf(added), last);
      resting = outcome === "popular" ? rest : 0;
      return outcome === "done";
    },
  };
}

/** Blocks by accumulator, in the order in which each is met first. */
function additionsOf(added: readonly AddedBlock[]): readonly Addition[] {
  const all = new Map<string, Addition & { readonly blocks: (Placed & { readonly scale: number })[] }>();
  for (const { block, task, scale } of added) {
    const { touched, spec } = block.table;
    const accumulator = touched.accumulators === 1 ? 0 : task;
    const key = `${accumulator} ${spec.name}`;
    let own = all.get(key);
    if (own === undefined) all.set(key, (own = { touched, task: accumulator, dim: spec.dim, blocks: [] }));
    own.blocks.push({ ...block, scale });
  }
  return [...all.values()];
}
