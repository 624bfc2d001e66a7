/**
 * Compiles a package's AssemblyScript kernels into a TypeScript module that carries the WebAssembly as base64, so that
 * bundlers, Node and browsers all load it the same way. Called from the package's tsup.config.mjs, before the bundle.
 */
import { readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import asc from "assemblyscript/asc";
import { writeGenerated } from "./generated.mjs";

/**
 * @param {string} entry the AssemblyScript source, e.g. "assembly/index.ts"
 * @param {string} out the generated module, e.g. "src/generated/kernels.ts" (git-ignored)
 * @param {string[]} [flags] further compiler flags
 */
export async function compileKernels(entry, out, flags = []) {
  const { error, stderr, stdout, binary } = await compile(entry, flags);
  if (error) throw new Error(`${entry}: ${error.message}\n${stderr}${stdout}`);
  const folder = dirname(entry);
  const sources = readdirSync(folder).filter((file) => file !== basename(entry) && file.endsWith(".ts"));
  writeGenerated(
    out,
    [entry, ...sources.sort().map((file) => `${folder}/${file}`), "../../tooling/asc.mjs"],
    `export const wasmBase64: string =\n  "${Buffer.from(binary).toString("base64")}";`,
  );
}

async function compile(entry, flags) {
  let binary = new Uint8Array();
  const result = await asc.main(
    [entry, "--outFile", "kernels.wasm", "-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", ...flags],
    {
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) binary = contents;
      },
    },
  );
  return { error: result.error, stderr: result.stderr.toString(), stdout: result.stdout.toString(), binary };
}
