/** The build of every method package: `node ../../../tooling/build-method.mjs`, in the package's folder. */
import { build } from "tsup";
import { library } from "./tsup.mjs";

await build({ ...library(), config: false });
