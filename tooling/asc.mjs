/**
 * Compiles a package's AssemblyScript kernels into a TypeScript module that carries the WebAssembly as base64, so that
 * bundlers, Node and browsers all load it the same way. Called from the package's tsup.config.mjs, before the bundle.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import asc from "assemblyscript/asc";

/**
 * @param {string} entry the AssemblyScript source, e.g. "assembly/index.ts"
 * @param {string} out the generated module, e.g. "src/generated/kernels.ts" (git-ignored)
 * @param {string[]} [flags] further compiler flags
 */
export async function compileKernels(entry, out, flags = []) {
  const { error, stderr, stdout, binary } = await compile(entry, flags);
  if (error) throw new Error(`${entry}: ${error.message}\n${stderr}${stdout}`);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(
    out,
    `/** Generated from ${entry}; do not edit. */\nexport const wasmBase64: string =\n  "${Buffer.from(binary).toString("base64")}";\n`,
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
