import { defineConfig } from "tsup";

/** The command line is the one of `gradpool`, taken from its sources. */
export default defineConfig({ entry: ["cli.ts"], format: ["esm"], target: "node20", clean: true, silent: true });
