import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isPath, parseSpecifier, splitMember } from "@gradpool/registry";
import { parseCall, type TrainConfig } from "@gradpool/runs";

type Named = Pick<TrainConfig, "pool" | "model">;

/** The files that a configuration names as pools or model, as it writes them. */
export function codePaths({ pool, model }: Named): readonly string[] {
  const names = [...parseSpecifier(pool).links.map(({ name }) => name), parseCall(model, "model").name];
  return [...new Set(names.filter(isPath).map((name) => splitMember(name).source))];
}

/** The same with the SHA-256 of what each holds. */
export const codeOf = (config: Named): Readonly<Record<string, string>> =>
  Object.fromEntries(
    codePaths(config).map((path) => [path, createHash("sha256").update(readFileSync(path)).digest("hex")]),
  );
