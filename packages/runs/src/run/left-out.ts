import { type LeftOut, loadKeys } from "@gradpool/data";
import { parseData } from "../data/spec.js";

const most = 5;

/** What a feed leaves out because nothing could be a negative, by the ids of the source's own. */
export async function describeLeftOut(leftOut: readonly LeftOut[], data: string): Promise<string> {
  const source = parseData(data);
  const keys = source.kind === "shop" ? undefined : await loadKeys(source.path);
  const owners = [...new Set(leftOut.flatMap(({ users }) => users))];
  const pairs = leftOut.reduce((sum, one) => sum + one.pairs, 0);
  const named = owners.slice(0, most).map((owner) => keys?.users[owner] ?? String(owner));
  const more = owners.length > most ? `, and ${owners.length - most} more` : "";
  return `${pairs} pairs are left out of sampling: whoever has everything has no negative (${named.join(", ")}${more})`;
}
