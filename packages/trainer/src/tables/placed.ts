import type { Lookup, TableSpec } from "@gradpool/models";
import type { Scratch } from "../memory/scratch.js";
import type { Team } from "../threads/team.js";
import type { RowLag } from "./lag.js";
import type { Touched } from "./touched.js";

/** A lookup whose rows stay in their table. */
export interface Placed {
  readonly table: {
    readonly spec: TableSpec;
    readonly touched: Touched;
    readonly lag: RowLag | null;
    weightsAt(): number;
  };
  /** Entries: rows of the block. */
  readonly count: number;
  readonly ids: Scratch;
  readonly slots: Scratch;
  /** Room for d loss / d rows. */
  readonly gradient: Scratch;
}

/** A block whose gradient, times `scale`, is added to a task's accumulator. */
export interface AddedBlock {
  readonly block: Placed;
  readonly task: number;
  readonly scale: number;
}

/**
 * A step's lookups gone through at once, rows read where their tables have them: few rounds of a team's threads, in place of one for each
 * lookup. The bits are those of one lookup after the other.
 */
export interface Together {
  readonly team: Team;
  /** Whether it is worth trying: for a while after a step that it could not do, it is not. */
  worth(): boolean;
  /** Room for a lookup's gradient, and its ids where kernels see them. */
  place(lookup: Lookup): Placed;
  /** Whether slots must be found before rows are read, since rows that lag behind are caught up first. */
  readonly first: boolean;
  /** Finds the slots of all blocks, in order. Error `invalid-input`: an id outside of its table. */
  locate(blocks: readonly Placed[]): void;
  /** Copies a batch's array to where kernels see it; its address, good until a round is done. */
  bring(values: Float32Array | Uint8Array, size: number): number;
  /**
   * Adds blocks to accumulators that hold nothing yet: all that this step adds to them. False where a sum is not finite, or a row is met
   * too often to be added up in float32: the step is to begin again then, one lookup after the other. `last`: no blocks come after these.
   */
  add(blocks: readonly AddedBlock[], last: boolean): boolean;
}
