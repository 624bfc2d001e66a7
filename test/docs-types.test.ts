/** The TypeScript of every page and README is sound in its types, under this workspace's strict options. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { root } from "./pack/workspace.js";
import { blocksOf, pages, readmes } from "./readme-blocks.js";

// Beside the trainer, because tfjs is found from there. The files are in memory alone.
const folder = join(root, "packages", "trainer", "test", "generated", "types");
const documents = [
  ...["README", "CONTRIBUTING"].map((name) => ({ name, text: readFileSync(join(root, `${name}.md`), "utf8") })),
  ...pages().map(({ name, text }) => ({ name: `docs-${name}`, text })),
  ...readmes().map(({ name, text }) => ({ name: name.replace("@gradpool/", ""), text })),
];
const blocks = new Map(
  documents.flatMap(({ name, text }) =>
    blocksOf(name, text)
      .filter(({ skip }) => skip === undefined)
      .map(({ number, code }) => [join(folder, `${name}-${number}.ts`), `${code}\nexport {};\n`] as const),
  ),
);

/** One program over all blocks: what they import is read once, from the sources. */
function program(): ts.Program {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  // An example need not annotate what it exports, nor use all that it shows.
  const own = { declaration: false, isolatedDeclarations: false, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost({ ...options, ...own });
  return ts.createProgram(
    [...blocks.keys()],
    { ...options, ...own },
    {
      ...host,
      fileExists: (path) => blocks.has(path) || host.fileExists(path),
      readFile: (path) => blocks.get(path) ?? host.readFile(path),
      getSourceFile: (path, language, ...rest) => {
        const code = blocks.get(path);
        return code === undefined
          ? host.getSourceFile(path, language, ...rest)
          : ts.createSourceFile(path, code, language);
      },
    },
  );
}

describe("the code of documents", () => {
  const all = program();
  it.each([...blocks.keys()].map((path) => [path.slice(folder.length + 1), path]))("%s has sound types", (_, path) => {
    const file = all.getSourceFile(path);
    const found = [...all.getSyntacticDiagnostics(file), ...all.getSemanticDiagnostics(file)];
    expect(found.map((one) => said(one))).toEqual([]);
  });
});

function said({ file, start = 0, messageText }: ts.Diagnostic): string {
  const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
  return `line ${line} of the block: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
}
