import type { GroupedOrder } from "../samplers/grouped-order.js";
import type { BatchPlan } from "../samplers/plan.js";
import type { Feature, Impressions, RowColumns } from "../set/prepared-set.js";
import type { WantedColumns } from "../set/row-block.js";
import type { RowGroup } from "../set/row-groups.js";
import type { Ring } from "./ring.js";

/** What the reading thread is told: plain data. */
export interface StreamRequest {
  readonly folder: string;
  readonly columns: RowColumns;
  readonly groups: readonly RowGroup[];
  /** Of files that hold several parts. */
  readonly part: number | null;
  readonly wanted: WantedColumns;
  /** The form of the rows, without any. */
  readonly like: Impressions;
  readonly userFeatures: readonly Feature[];
  readonly itemFeatures: readonly Feature[];
  readonly plan: BatchPlan;
  readonly order: GroupedOrder;
  readonly batchSize: number;
  /** Where to begin. */
  readonly epoch: number;
  readonly position: number;
  readonly ring: Ring;
}
