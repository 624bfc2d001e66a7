import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Golden, readGolden } from "@gradpool/testkit/golden";
import { methodPackages, root } from "../../tooling/workspace.mjs";

/** The golden vectors of every method package that has some. */
export const releasedGolden = (): readonly Golden[] =>
  methodPackages()
    .map((name) => pathToFileURL(`${root}/packages/methods/${name}/test/golden.json`))
    .filter((file) => existsSync(file))
    .map(readGolden);
