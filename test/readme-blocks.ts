import { readdirSync, readFileSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { workspacePackages } from "../tooling/workspace.mjs";

const root: string = fileURLToPath(new URL("../", import.meta.url));
const docs: string = fileURLToPath(new URL("../docs/", import.meta.url));

export interface ReadmeBlock {
  readonly package: string;
  /** Counted from 1 within its README. */
  readonly number: number;
  readonly code: string;
  /** Why it cannot run here: what follows `ts skip=` in the fence. */
  readonly skip?: string;
  /** What the comments `// → …` behind console.log say, in order. */
  readonly expected: readonly string[];
}

/** The packages that have a README, by name and folder, and its text. */
export function readmes(): { readonly name: string; readonly folder: string; readonly text: string }[] {
  return workspacePackages()
    .map(({ name, folder }) => ({ name, folder, path: `${root}${folder}/README.md` }))
    .filter(({ path }) => existsSync(path))
    .map(({ name, folder, path }) => ({ name, folder, text: readFileSync(path, "utf8") }));
}

/** The pages of docs, by name without ending, and their text. */
export function pages(): { readonly name: string; readonly text: string }[] {
  return readdirSync(docs)
    .filter((file) => file.endsWith(".md"))
    .map((file) => ({ name: file.slice(0, -3), text: readFileSync(`${docs}${file}`, "utf8") }));
}

/** The TypeScript blocks of a README. Fences: ```ts, or ```ts skip=reason for code that cannot run in a test. */
export function blocksOf(name: string, text: string): ReadmeBlock[] {
  return [...text.matchAll(/^```ts(?: skip=([^\n]+))?\n([\s\S]*?)^```$/gm)].map((match, k) => {
    const code = match[2] as string;
    const expected = [...code.matchAll(/^\s*console\.log\(.*\);\s*\/\/ → (.*)$/gm)].map((line) => line[1] as string);
    const block = { package: name, number: k + 1, code, expected };
    return match[1] === undefined ? block : { ...block, skip: match[1] };
  });
}
