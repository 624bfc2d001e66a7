import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Golden, readGolden } from "@gradpool/testkit/golden";
import { methodPackages, root } from "../../tooling/workspace.mjs";

/** The golden vectors of every method package that has some: of the first wave, or in `golden2.json` of the second. */
export const releasedGolden = (file: "golden.json" | "golden2.json" = "golden.json"): readonly Golden[] =>
  methodPackages()
    .map((name) => pathToFileURL(`${root}/packages/methods/${name}/test/${file}`))
    .filter((file) => existsSync(file))
    .map(readGolden);
