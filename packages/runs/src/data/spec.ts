import { resolve } from "node:path";
import { parseCall } from "../options/call.js";

/** What `data` names: the embedded generator with its options, or a prepared set's folder. */
export type DataSource =
  | { readonly kind: "shop"; readonly options: Readonly<Record<string, string | number | boolean>> }
  | { readonly kind: "folder"; readonly path: string };

/** Reads `shop`, `shop(users=4000,agreement=0.3)` or a folder's path. A folder that is called shop is written `./shop`; the command refuses a bare `shop` beside one. */
export function parseData(data: string): DataSource {
  if (!/^shop\s*(\(|$)/.test(data)) return { kind: "folder", path: data };
  return { kind: "shop", options: parseCall(data, "data").options };
}

/** The same data named so that it is found from every folder. */
export function absoluteData(data: string): string {
  return parseData(data).kind === "shop" ? data : resolve(data);
}
