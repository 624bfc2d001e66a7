import type { TrainConfig } from "@gradpool/runs";
import type { SearchRequest } from "../space/request.js";
import type { Plan } from "../results/types.js";

/** What a recipe asks of a data set. */
export interface RecipeNeeds {
  /** "pairs of several behaviours, purchases among them". */
  readonly what: string;
  /** Where users get such data and how they prepare it. */
  readonly get: string;
  /** At least so many behaviours. */
  readonly behaviors?: number;
  /** Tasks that the data must offer: `social`, `category`, `rating`, `impressions`, or a behaviour's name. */
  readonly tasks?: readonly string[];
}

/** A comparison as a JSON file: one of ours (packages/bench/recipes), or a user's. */
export interface Recipe extends Omit<Plan, "base" | "baseline" | "published" | "grid" | "search" | "single"> {
  readonly needs: RecipeNeeds;
  /** `tasks: ["*"]` stands for the target and every other behaviour that the data has. */
  readonly base: Partial<TrainConfig>;
  readonly grid?: Plan["grid"];
  /** As `--search`, `--strategy` and `--trials` say it. */
  readonly search?: SearchRequest;
  /** Add a single-task run of every task: they anchor the relative improvement. */
  readonly single?: boolean;
  readonly baseline?: string;
  readonly published?: Plan["published"];
}

/** A recipe as its file holds it: what is missing takes defaults. */
export type RecipeFile = Partial<Recipe> & Pick<Recipe, "contenders">;
