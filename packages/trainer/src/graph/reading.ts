import type { Lookup, NodeList } from "@gradpool/models";
import type { Arena, Region } from "../memory/arena.js";
import { scratch, type Scratch } from "../memory/scratch.js";
import type { Gathered } from "../tables/store.js";
import type { RowSource } from "../tables/row-part.js";
import { touched, type Touched } from "../tables/touched.js";
import type { ArenaBlock } from "./block.js";
import type { NodeTables } from "./nodes.js";
import { popular } from "./popular.js";

/** A table's rows of Z that a step touches. */
export interface ReadTable extends RowSource {
  readonly touched: Touched;
  /** Where its rows begin in the block of touched rows. */
  readonly first: number;
}

/** A lookup whose rows have slots. */
export interface Located {
  readonly table: ReadTable;
  readonly lookup: Lookup;
  /** Its ids, in the arena. */
  readonly ids: Region;
  readonly slots: Region;
}

/**
 * The rows of Z that a step reads: first all lookups are located, then the encoder gives the touched rows (those of the first table,
 * then of the next, each in the order of its slots), then the lookups' blocks are gathered from them.
 */
export interface Reading {
  readonly tables: readonly ReadTable[];
  begin(accumulators: number): void;
  locate(lookup: Lookup): Located;
  /** The touched nodes, in the graph's order of numbers; call after all were located. */
  nodes(): NodeList;
  gather(located: Located, z: ArenaBlock): Gathered;
  /** Adds the block's gradient to the task's accumulator; false: something is not finite. */
  scatter(gathered: Gathered, task: number, scale: number): boolean;
  /** Adds scale × the lookup's rows of Z to rows of `g`, which is as the block of touched rows. */
  addDecay(located: Located, scale: number, z: ArenaBlock, g: ArenaBlock): void;
}

interface LookupMemory {
  readonly ids: Scratch;
  readonly slots: Scratch;
  readonly offsets: Scratch;
  readonly rows: Scratch;
  readonly gradient: Scratch;
}

export interface ReadingOptions {
  readonly arena: Arena;
  readonly nodes: NodeTables;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  /** Columns of Z. */
  readonly width: number;
}

export function readingOf({ arena, nodes, tables, width }: ReadingOptions): Reading {
  const { kernels } = arena;
  const held = tables.map(({ name, rows }) => {
    const own = { spec: { name, dim: width }, arena, touched: touched(arena, name, rows, width), first: 0 };
    return own;
  });
  const memories: LookupMemory[] = [];
  const memoryOf = new WeakMap<Located, LookupMemory>();
  const placeOf = new WeakMap<Gathered, Located>();
  const listing = scratch(arena);
  const decaying = scratch(arena);
  const repeated = popular(arena);
  const counting = scratch(arena);
  let counted = 0;
  let taken = 0;

  const pooledBy = (lookup: Lookup, memory: LookupMemory) =>
    lookup.offsets === undefined ? null : { offsets: memory.offsets.region.i32, mean: lookup.pooling !== "sum" };
  const rowsIn = (z: ArenaBlock, { first }: ReadTable): Float32Array => z.values.subarray(first * width);

  function copyRows(located: Located, z: ArenaBlock, out: Region): void {
    const { lookup, slots, table } = located;
    const pooling = pooledBy(lookup, memoryOf.get(located) as LookupMemory);
    if (pooling === null) kernels.gather(rowsIn(z, table), slots.i32, lookup.size, width, out.f32);
    else kernels.gatherPooled(rowsIn(z, table), slots.i32, pooling, lookup.size, width, out.f32);
  }

  /** 0, 1, 2, … */
  function upTo(count: number): Int32Array {
    const cells = counting.need(4 * count, true).i32;
    for (; counted < count; counted++) cells[counted] = counted;
    return cells;
  }

  return {
    tables: held,
    begin(accumulators) {
      taken = 0;
      for (const table of held) table.touched.clear(accumulators);
    },
    locate(lookup) {
      const table = held.find(({ spec }) => spec.name === lookup.table) as (typeof held)[number];
      const memory = (memories[taken++] ??= {
        ids: scratch(arena),
        slots: scratch(arena),
        offsets: scratch(arena),
        rows: scratch(arena),
        gradient: scratch(arena),
      });
      const { size, offsets } = lookup;
      const count = offsets === undefined ? size : (offsets[size] as number);
      memory.ids.need(4 * count).i32.set(lookup.ids.subarray(0, count));
      memory.slots.need(4 * count);
      if (offsets !== undefined) memory.offsets.need(4 * (size + 1)).i32.set(offsets.subarray(0, size + 1));
      table.touched.locate(memory.ids.region, count, memory.slots.region);
      const located = { table, lookup, ids: memory.ids.region, slots: memory.slots.region };
      memoryOf.set(located, memory);
      return located;
    },
    nodes() {
      const count = held.reduce((sum, one) => sum + one.touched.used, 0);
      const cells = listing.need(4 * count).i32;
      let at = 0;
      for (const table of held) {
        table.first = at;
        const node = nodes.nodesOf(table.spec.name);
        const ids = table.touched.ids;
        for (let k = 0; k < table.touched.used; k++) cells[at++] = node[ids[k] as number] as number;
      }
      return {
        count,
        get ids() {
          return listing.region.i32;
        },
      };
    },
    gather(located, z) {
      const { lookup } = located;
      const memory = memoryOf.get(located) as LookupMemory;
      const length = lookup.size * width;
      memory.rows.need(4 * length);
      memory.gradient.need(4 * length);
      copyRows(located, z, memory.rows.region);
      const gathered: Gathered = {
        lookup,
        get rows() {
          return memory.rows.region.f32.subarray(0, length);
        },
        get gradient() {
          return memory.gradient.region.f32.subarray(0, length);
        },
      };
      placeOf.set(gathered, located);
      return gathered;
    },
    scatter(gathered, task, scale) {
      const located = placeOf.get(gathered) as Located;
      const { lookup, table } = located;
      const memory = memoryOf.get(located) as LookupMemory;
      const accumulator = table.touched.accumulators === 1 ? 0 : task;
      const entries = lookup.offsets === undefined ? lookup.size : (lookup.offsets[lookup.size] as number);
      table.touched.reserve(accumulator, entries, memory.slots.region);
      // Room is made: from here on memory does not grow, and views stay.
      const block = {
        gradient: memory.gradient.region.f32,
        slots: memory.slots.region.i32,
        count: lookup.size,
        scale,
      };
      return table.touched.scatter(block, accumulator, pooledBy(lookup, memory));
    },
    addDecay(located, scale, z, g) {
      const { lookup, slots, table } = located;
      decaying.need(4 * lookup.size * width);
      upTo(table.touched.used);
      copyRows(located, z, decaying.region);
      const { used } = table.touched;
      const wide = repeated.find(used, width, lookup.size, (hits) => kernels.tally(slots.i32, lookup.size, hits));
      const block = { gradient: decaying.region.f32, slots: slots.i32, count: lookup.size, dim: width, scale };
      const into = { positions: upTo(used), tasks: 1, task: 0, sum: rowsIn(g, table), used: 0 };
      if (wide === null) return void kernels.scatter(block, into);
      kernels.scatterWide(block, null, into, wide);
      repeated.settle(wide, used, width, into.sum);
    },
  };
}
