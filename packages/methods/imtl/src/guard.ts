import type { EnumOption, Properties, Variant } from "@gradpool/core";

export const guardOption: EnumOption = {
  type: "enum",
  values: ["none", "descent"],
  default: "none",
  description: "descent: turn the direction round where it climbs for every task",
};

/** What equal projections promise as published: IMTL-G's direction, and so that of the whole of IMTL. */
export const properties: Properties = {
  nonConflicting: "the equal projections are negative where the weights that give positive ones sum below zero",
  permutationEquivariant: true,
  scaleLinear: true,
  taskScaleInvariant: "the sign of the direction follows the sum of the weights, which depends on the norms",
  targetDescent: "the equal projections may be negative",
};

/** And with the guard. */
export const variants: readonly Variant[] = [
  {
    options: { guard: "descent" },
    properties: { nonConflicting: true, taskScaleInvariant: true, targetDescent: true },
  },
];
