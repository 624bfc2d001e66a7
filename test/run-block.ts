import { writeFileSync } from "node:fs";
import { inspect } from "node:util";
import { vi } from "vitest";

/** Runs a block of code, as the file `path`, and answers with what it printed, line by line. */
export async function printedBy(path: string, code: string): Promise<readonly string[]> {
  writeFileSync(path, code.includes("import ") ? code : `export {};\n${code}`);
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    await import(/* @vite-ignore */ path);
    return log.mock.calls.map((values) =>
      values.map((value) => (typeof value === "string" ? value : inspect(value))).join(" "),
    );
  } finally {
    log.mockRestore();
  }
}
