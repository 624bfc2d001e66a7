import { GradpoolError } from "@gradpool/core";
import type { Lookup } from "@gradpool/models";
import type { Arena, Region } from "../memory/arena.js";
import type { Pooling } from "../kernels/contract.js";
import { scratch, type Scratch } from "../memory/scratch.js";
import { type Added, type AddedMemory, addedMemory, addRows, poolingOf } from "./added.js";
import type { Placed } from "./placed.js";
import type { Gathered, Scale } from "./store.js";
import type { HeldTable } from "./table.js";

/** The blocks of rows that a step gathers, in memory that steps of one size use again. */
export interface Blocks {
  /** No block gathered so far is needed any more. */
  recycle(): void;
  /** `step`: the last finished one, with which lagging rows are caught up. `added`: what the rows have beside themselves. */
  gather(table: HeldTable, lookup: Lookup, step: number, added: Added | null): Gathered;
  /** `through`: the gradient of what rows have beside themselves comes another way. */
  scatter(
    gathered: Gathered,
    task: number,
    gradient: Float32Array | undefined,
    scale: Scale,
    through: (table: string) => boolean,
  ): boolean;
  /** A block of which nothing is gathered: its rows are read where they are. Not of a pooled lookup, nor beside the main memory. */
  place(table: HeldTable, lookup: Lookup): Placed;
  dispose(): void;
}

/** A lookup's memory: ids, slots and offsets beside the table, and blocks where the losses are computed. */
interface LookupMemory {
  readonly ids: Scratch;
  readonly slots: Scratch;
  readonly offsets: Scratch;
  /** Blocks beside the table, where that is not the main memory. */
  readonly near: Scratch;
  /** Where rows have something beside themselves. */
  added?: AddedMemory;
}

interface Block {
  readonly rows: Scratch;
  readonly gradient: Scratch;
}

interface Place {
  readonly table: HeldTable;
  readonly memory: LookupMemory;
  readonly added: Added | null;
  /** How many entries it adds. */
  readonly more: number;
}

/** Entries of a lookup: ids that it reads. */
const entries = ({ size, offsets }: Lookup): number => (offsets === undefined ? size : (offsets[size] as number));

/** `main`: the memory where losses are computed. */
export function blocksIn(main: Arena): Blocks {
  const blocks: Block[] = [];
  const lookups = new Map<string, LookupMemory[]>();
  const taken = new Map<string, number>();
  let blocksTaken = 0;
  const places = new WeakMap<Gathered, Place>();

  function memoryFor({ spec, arena }: HeldTable): LookupMemory {
    const list = lookups.get(spec.name) ?? [];
    lookups.set(spec.name, list);
    const k = taken.get(spec.name) ?? 0;
    taken.set(spec.name, k + 1);
    return (list[k] ??= { ids: scratch(arena), slots: scratch(arena), offsets: scratch(arena), near: scratch(arena) });
  }

  const takeBlock = (): Block => (blocks[blocksTaken++] ??= { rows: scratch(main), gradient: scratch(main) });

  return {
    recycle() {
      taken.clear();
      blocksTaken = 0;
    },
    gather(table, lookup, step, added) {
      const memory = memoryFor(table);
      const block = takeBlock();
      const length = lookup.size * table.spec.dim;
      block.rows.need(4 * length);
      block.gradient.need(4 * length);
      const near = table.arena === main ? block.rows : memory.near;
      near.need(4 * length);
      bring(lookup, memory);
      read(table, lookup, memory, near, step);
      if (table.arena !== main) block.rows.region.f32.set(near.region.f32.subarray(0, length));
      let more = 0;
      if (added !== null) {
        memory.added ??= addedMemory(added.table.arena);
        more = addRows(added, lookup, memory.added, block.rows, { main, step });
      }
      const gathered: Gathered = {
        lookup,
        get rows() {
          return block.rows.region.f32.subarray(0, length);
        },
        get gradient() {
          return block.gradient.region.f32.subarray(0, length);
        },
      };
      places.set(gathered, { table, memory, added, more });
      return gathered;
    },
    place(table, lookup) {
      const memory = memoryFor(table);
      const { gradient } = takeBlock();
      gradient.need(4 * lookup.size * table.spec.dim);
      bring(lookup, memory);
      const { ids, slots } = memory;
      return { table, count: lookup.size, ids, slots, gradient };
    },
    scatter(gathered, task, gradient, scale, through) {
      const place = places.get(gathered);
      if (place === undefined) throw foreign();
      const { table, memory, added, more } = place;
      const { lookup } = gathered;
      const { offsets, pooling } = lookup;
      const pooled = (): Pooling | null =>
        offsets === undefined ? null : { offsets: memory.offsets.region.i32, mean: pooling !== "sum" };
      // Looked at before anything makes memory grow, which a view of it does not live through.
      const start = gradient?.byteOffset ?? 0;
      const arenas = [main, table.arena, ...(added === null ? [] : [added.table.arena])];
      const owner = gradient === undefined ? main : arenas.find((one) => one.owns(gradient));
      const sent = { gathered, task, gradient, start, owner, scale };
      if (!scatterBlock(sent, { table, memory, entries: entries(lookup), pooled })) return false;
      if (added === null || through(added.table.spec.name)) return true;
      const beside = memory.added as AddedMemory;
      return scatterBlock(sent, {
        table: added.table,
        memory: beside,
        entries: more,
        pooled: () => poolingOf(beside),
      });
    },
    dispose() {
      lookups.clear();
      blocks.length = 0;
    },
  };
}

/** Copies the lookup's ids in. */
function bring({ ids, size, offsets }: Lookup, memory: LookupMemory): void {
  const count = offsets === undefined ? size : (offsets[size] as number);
  memory.ids.need(4 * count).i32.set(ids.subarray(0, count));
  memory.slots.need(4 * count);
  if (offsets !== undefined) memory.offsets.need(4 * (size + 1)).i32.set(offsets.subarray(0, size + 1));
}

/** Finds the slots of a lookup and copies its rows; rows that lag behind are caught up first. */
function read(table: HeldTable, lookup: Lookup, memory: LookupMemory, to: Scratch, step: number): void {
  const { touched, lag, arena, weights, spec } = table;
  const { gatherWhile } = arena.kernels;
  const count = entries(lookup);
  const before = touched.used;
  const locate = (): void => touched.locate(memory.ids.region, count, memory.slots.region);
  if (gatherWhile !== undefined && lag === null && lookup.offsets === undefined) {
    gatherWhile(locate, weights, memory.ids.region.i32, count, spec.dim, to.region.f32);
    return;
  }
  locate();
  lag?.catchUp(before, touched.used, step);
  copyRows(table, lookup, memory, to.region);
}

function copyRows({ arena, spec, weights }: HeldTable, lookup: Lookup, memory: LookupMemory, to: Region): void {
  const { size, offsets, pooling } = lookup;
  const ids = memory.ids.region.i32;
  if (offsets === undefined) arena.kernels.gather(weights, ids, size, spec.dim, to.f32);
  else {
    const how = { offsets: memory.offsets.region.i32, mean: pooling !== "sum" };
    arena.kernels.gatherPooled(weights, ids, how, size, spec.dim, to.f32);
  }
}

interface Sent {
  readonly gathered: Gathered;
  readonly task: number;
  readonly gradient: Float32Array | undefined;
  /** Where the gradient lies, and in whose memory; undefined: in no arena's. */
  readonly start: number;
  readonly owner: Arena | undefined;
  readonly scale: Scale;
}

/** Whose accumulators a block's gradient is added to. */
interface Into {
  readonly table: HeldTable;
  readonly memory: Pick<LookupMemory, "slots" | "near">;
  readonly entries: number;
  pooled(): Pooling | null;
}

function scatterBlock(
  { gathered, task, gradient, start, owner, scale }: Sent,
  { table, memory, entries: count, pooled }: Into,
): boolean {
  const { size } = gathered.lookup;
  const { arena, spec, touched } = table;
  const by = typeof scale === "number" ? scale : scale(spec.name);
  if (by === null) return true;
  const length = size * spec.dim;
  const accumulator = touched.accumulators === 1 ? 0 : task;
  touched.reserve(accumulator, count, memory.slots.region);
  const own = owner !== arena;
  if (own) memory.near.need(4 * length);
  // Room is made: from here on memory does not grow, and views stay.
  let from = gradient ?? gathered.gradient;
  if (gradient !== undefined && owner !== undefined && gradient.length === 0) from = owner.view(start, length);
  if (own) {
    memory.near.region.f32.set(from.length === length ? from : from.subarray(0, length));
    from = memory.near.region.f32;
  }
  return touched.scatter(
    { gradient: from, slots: memory.slots.region.i32, count: size, scale: by },
    accumulator,
    pooled(),
  );
}

const foreign = (): GradpoolError =>
  new GradpoolError({
    code: "invalid-input",
    what: "a block of another store",
    where: "scatter",
    remedy: "hand in what gather returned",
  });
