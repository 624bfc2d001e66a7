/** Each method package, with its solvers and without core, stays under 5 kB minified and gzipped. */
import { methodPackages } from "./tooling/workspace.mjs";

export default methodPackages().map((name) => ({
  name: `@gradpool/${name}`,
  path: `packages/methods/${name}/dist/index.js`,
  import: "*",
  gzip: true,
  ignore: ["@gradpool/core"],
  limit: "5 kB",
}));
