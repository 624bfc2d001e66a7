import { type BooleanOption, given } from "@gradpool/core";
import { measuresOf, ownerFeatures } from "@gradpool/data";
import type { SideFeatures } from "@gradpool/models";
import { optionError } from "../options/errors.js";
import type { MadeWorkload, WorkloadRequest } from "./contract.js";

/** Of models that rank. */
export const featuresOption: BooleanOption = {
  type: "boolean",
  default: false,
  description: "a user's or item's row is its own plus the sum of its features' embeddings",
};

/** What a model that ranks reads of the set's features, where it is asked to. Error `usage` where there are none. */
export function sideFeatures(
  { set, measures = measuresOf(set) }: Pick<WorkloadRequest, "set" | "measures">,
  asked: boolean,
): { readonly features?: SideFeatures } {
  if (!asked) return {};
  const { userFeatures, itemFeatures } = set;
  if (userFeatures.length + itemFeatures.length === 0) {
    const remedy = "prepare the set with --users or --items, name others by --features, or leave features out";
    throw optionError("the data has no features of users or items", "model", remedy);
  }
  // What numbers are scaled by is kept by name.
  const twice = userFeatures.find(({ name }) => itemFeatures.some((other) => other.name === name));
  if (twice !== undefined) {
    const remedy = `drop it, --drop ${twice.name}, or prepare the set with another name for one of them`;
    throw optionError(`users and items have a feature ${twice.name}`, "model", remedy);
  }
  return {
    features: given({
      users: userFeatures.length === 0 ? undefined : ownerFeatures(set, "users", measures),
      items: itemFeatures.length === 0 ? undefined : ownerFeatures(set, "items", measures),
    }),
  };
}

/** Says of a made model that it reads features. */
export const reading = ({ features }: { readonly features?: SideFeatures }): Pick<MadeWorkload, "readsFeatures"> =>
  features === undefined ? {} : { readsFeatures: true };
