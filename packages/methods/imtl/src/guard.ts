import type { EnumOption } from "@gradpool/core";

export const guardOption: EnumOption = {
  type: "enum",
  values: ["none", "descent"],
  default: "none",
  description: "descent: turn the direction round where it climbs for every task",
};
