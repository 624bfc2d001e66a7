import type { TrainConfig } from "@gradpool/runs";
import type { SearchRequest } from "../space/request.js";
import type { Contender, Plan } from "../results/types.js";

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
  /** Shorter schedules by name, `small` for one: what they change. */
  readonly budgets?: Readonly<Record<string, Budget>>;
  /** Of a recipe that a budget has shortened: what it was before, and the budget. */
  readonly shortened?: { readonly whole: Recipe; readonly by: Budget };
}

/** What a shorter schedule changes of a recipe. */
export interface Budget {
  readonly base?: Partial<TrainConfig>;
  /** In place of the recipe's. */
  readonly grid?: Plan["grid"];
  readonly seeds?: readonly number[];
  /** Of these seeds, those that every point of a grid is trained with. */
  readonly tuningSeeds?: readonly number[];
  /** Labels of contenders. */
  readonly leaveOut?: readonly string[];
  /** By label: a grid in place of the contender's own (empty: none), and overrides beside it. */
  readonly change?: Readonly<Record<string, Pick<Contender, "grid" | "overrides">>>;
}

/** A recipe as its file holds it: what is missing takes defaults. */
export type RecipeFile = Partial<Recipe> & Pick<Recipe, "contenders">;
