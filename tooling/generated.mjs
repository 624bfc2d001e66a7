/**
 * Modules that builds generate among the sources (src/generated, git-ignored). Each names in its second line the files that it
 * was made from, with their hash: after a checkout or a rebase, tests must not run on the kernels of other sources.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const hashOf = (folder, files) => {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 32);
};

/**
 * Writes a generated module; called by a package's build, in its folder.
 *
 * @param {string} out its path, e.g. "src/generated/kernels.ts"
 * @param {string[]} sources what it is made from, beside the build's configuration; the first is its entry
 * @param {string} code
 * @param {string} [folder] the package's
 */
export function writeGenerated(out, sources, code, folder = ".") {
  const path = join(folder, out);
  mkdirSync(dirname(path), { recursive: true });
  const files = ["tsup.config.mjs", ...sources];
  const made = `// ${hashOf(folder, files)} ${files.join(" ")}`;
  writeFileSync(path, `/** Generated from ${sources[0]}; do not edit. */\n${made}\n${code}\n`);
}

/** Whether a package's generated module is there, and made from the sources that are there. */
export function isFresh(folder, out) {
  if (!existsSync(join(folder, out))) return false;
  const [, made = ""] = readFileSync(join(folder, out), "utf8").split("\n", 2);
  const [, hash, ...files] = made.split(" ");
  return files.length > 0 && files.every((file) => existsSync(join(folder, file))) && hashOf(folder, files) === hash;
}
