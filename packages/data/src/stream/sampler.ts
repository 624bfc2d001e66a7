import { problem } from "../errors.js";
import { batchArrays, batchBytes, batchOf } from "../samplers/batch-arrays.js";
import type { ImpressionsBatch, Sampler, SamplerState } from "../samplers/batches.js";
import { atLeastOne } from "../samplers/engine.js";
import type { GroupedOrder } from "../samplers/grouped-order.js";
import type { ImpressionsSamplerOptions } from "../samplers/impressions.js";
import { type BatchPlan, planOf } from "../samplers/plan.js";
import type { PreparedSet, StreamedRows } from "../set/prepared-set.js";
import { rowBlock, type WantedColumns } from "../set/row-block.js";
import type { RowGroup } from "../set/row-groups.js";
import { heldGroups } from "./held-groups.js";
import type { StreamRequest } from "./request.js";
import { createRing, free, type Ring, rowsIn } from "./ring.js";
import { type ReadingThread, startReading } from "./thread.js";

type Shown = NonNullable<PreparedSet["impressions"]> & { readonly streamed: StreamedRows };

/** Rows that the ring holds: training goes on with them while the next buffer is read. */
const rowsAhead = 1 << 17;

/** What of the rows a plan reads. */
function wantedOf({ fields, numbers, labels, weighted }: BatchPlan): WantedColumns {
  const sources = [...fields, ...numbers].map(({ source }) => source);
  return {
    items: sources.some(({ owner }) => owner === "item"),
    times: false,
    weights: weighted,
    labels,
    features: sources.flatMap((source) => (source.of === "feature" && source.owner === "row" ? source.index : [])),
  };
}

function requestOf(
  set: PreparedSet,
  shown: Shown,
  options: ImpressionsSamplerOptions,
  plan: BatchPlan,
  order: GroupedOrder,
  groups: readonly RowGroup[],
) {
  const { part = "train" } = options;
  const { streamed } = shown;
  const wanted = wantedOf(plan);
  const owned = (owner: "user" | "item"): boolean =>
    [...plan.fields, ...plan.numbers].some(({ source }) => source.of === "feature" && source.owner === owner);
  return {
    folder: streamed.folder,
    columns: streamed.columns,
    groups,
    part: streamed.parts[part],
    wanted,
    like: rowBlock(shown[part], 0, wanted),
    userFeatures: owned("user") ? set.userFeatures : [],
    itemFeatures: owned("item") ? set.itemFeatures : [],
    plan,
    order,
  };
}

/**
 * Impressions read from the set's files by a thread of their own, in batches as `impressionsSampler` makes them of rows in memory. Shuffled are
 * the row groups, then the rows of some groups together; the order comes from (seed, stream, epoch) and the groups' sizes alone.
 * Memory: two buffers' rows at most, whatever the size of the set.
 */
export function streamSampler(
  set: PreparedSet,
  shown: Shown,
  options: ImpressionsSamplerOptions,
): Sampler<ImpressionsBatch> {
  const { part = "train", seed = 1, stream = 0, shuffle = part === "train", buffer = shown.streamed.buffer } = options;
  const name = `impressions of ${part}`;
  const all = shown.streamed.groups[part];
  const groups = options.holdOut === undefined ? all : heldGroups(all, options.holdOut, name);
  const sizes = groups.map(({ rows }) => rows);
  const length = sizes.reduce((sum, size) => sum + size, 0);
  if (length === 0)
    throw problem("invalid-input", "there is nothing to sample from", name, "choose a part that has rows");
  const batchSize = Math.min(atLeastOne(options.batchSize, "batchSize", name), length);
  const plan = planOf(set, options);
  const order = { sizes, buffer: shuffle ? atLeastOne(buffer, "buffer", name) : 1, shuffle, seed, stream };
  const request = requestOf(set, shown, options, plan, order, groups);
  const own = new ArrayBuffer(batchBytes(plan, batchSize));
  const full = batchOf(plan, batchArrays(plan, batchSize, own), batchSize);
  const rest = length % batchSize;
  const last = rest === 0 ? full : batchOf(plan, batchArrays(plan, batchSize, own), rest);
  const slots = Math.max(2, Math.ceil(Math.min(rowsAhead, length) / batchSize));
  let [epoch, position, taken] = [0, 0, 0];
  let reading: { readonly thread: ReadingThread; readonly ring: Ring } | undefined;

  function begin(): { readonly thread: ReadingThread; readonly ring: Ring } {
    if (reading !== undefined) return reading;
    const ring = createRing(plan, batchSize, slots);
    taken = 0;
    const at = position >= length ? { epoch: epoch + 1, position: 0 } : { epoch, position };
    const thread = startReading({ ...request, ...at, batchSize, ring } satisfies StreamRequest);
    return (reading = { thread, ring });
  }
  function close(): void {
    reading?.thread.stop();
    reading = undefined;
  }
  /** A thread that failed is let go: the next call starts one where this one stood. */
  const closing = (error: unknown): never => {
    close();
    throw error;
  };
  return {
    kind: "impressions",
    length,
    batchSize,
    batchesPerEpoch: Math.ceil(length / batchSize),
    ready() {
      const { thread } = begin();
      return thread.ready(taken % slots)?.catch(closing);
    },
    next() {
      const { thread, ring } = begin();
      const slot = taken % slots;
      if (rowsIn(ring, slot) === 0) {
        try {
          thread.wait(slot);
        } catch (error) {
          closing(error);
        }
      }
      if (position >= length) [epoch, position] = [epoch + 1, 0];
      const size = rowsIn(ring, slot);
      new Uint8Array(own).set(new Uint8Array(ring.batches, slot * own.byteLength, own.byteLength));
      free(ring, slot);
      taken++;
      position += size;
      return size === batchSize ? full : last;
    },
    state: (): SamplerState => ({ epoch, position, random: [] }),
    restore(state) {
      const { epoch: e, position: p } = state;
      const whole = Number.isSafeInteger(e) && e >= 0 && Number.isSafeInteger(p) && p >= 0 && p <= length;
      if (!whole) {
        const remedy = "give what state() returned for the same data";
        throw problem("invalid-input", `the state is ${JSON.stringify(state)}`, name, remedy);
      }
      close();
      [epoch, position] = [e, p];
    },
    close,
  };
}
