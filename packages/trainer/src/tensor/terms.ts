import type { TensorModel } from "@gradpool/models";
import type { Placement } from "../engine/placement.js";

/** The terms of the objective by name: the tasks, then the regulariser where there is one. */
export const termsOf = ({ regularizer }: TensorModel, { tasks }: Placement): readonly string[] =>
  regularizer === undefined ? tasks.names : [...tasks.names, regularizer.name];
