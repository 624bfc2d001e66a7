import { existsSync } from "node:fs";
import { join } from "node:path";
import { GradpoolError, type JsonObject } from "@gradpool/core";
import { readSnapshotJson } from "@gradpool/trainer";
import { pathsOf } from "./folder.js";

/** Whether the run in a folder follows partitions; null: no checkpoint says. */
function follows(out: string): boolean | null {
  const { checkpoint } = pathsOf(out);
  const path = ["newest", "previous"]
    .map((name) => join(checkpoint, `${name}.gradpool`))
    .find((one) => existsSync(one));
  const json = path === undefined ? null : readSnapshotJson(path);
  return json === null ? null : (json["fingerprint"] as JsonObject | undefined)?.["follow"] === true;
}

/** Refuses to go on with a run of the other kind: one that follows a folder, or one of a set. */
export function requireKind(out: string, data: string, following: boolean): void {
  const held = follows(out);
  if (held === null || held === following) return;
  const [what, remedy] = held
    ? [`the run follows ${data}`, `go on with \`follow\`: gradpool train --follow ${data} --resume ${out}`]
    : [
        "the run was trained on a set, and follows no folder",
        `begin a run with its weights: gradpool train --follow DIR --from ${out} --out NEW`,
      ];
  throw new GradpoolError({ code: "invalid-input", what, where: out, remedy });
}
