import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isGradpoolError } from "@gradpool/core";
import { prepare, type PrepareOptions, type PrepareReport } from "../src/index.js";

const shared = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));

/** A file of the real data beside the project, and whether it is there. */
export const real = (path: string): string => join(shared, path);
export const has = (path: string): boolean => existsSync(real(path));

/** A folder that is empty at the start of a test file and gone at its end. */
export function scratch(): {
  readonly folder: string;
  write(path: string, content: string | Buffer): string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), "gradpool-data-"));
  return {
    folder,
    write(path, content) {
      const full = join(folder, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content);
      return full;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What a preparation that must fail says; fails if it does not, or if it leaves anything beside what was there. */
export async function refusal(
  options: PrepareOptions,
  hooks: Parameters<typeof prepare>[1] = {},
): Promise<{ code: string; message: string }> {
  const parent = dirname(options.out);
  const before = existsSync(parent) ? readdirSync(parent).sort().join() : undefined;
  let report: PrepareReport;
  try {
    report = await prepare(options, hooks);
  } catch (error) {
    const after = existsSync(parent) ? readdirSync(parent).sort().join() : undefined;
    if (before !== after) throw new Error(`left behind: ${after}, before: ${before}`, { cause: error });
    if (!isGradpoolError(error)) throw error;
    if (error.message.includes("\n")) throw new Error(`not one line: ${error.message}`, { cause: error });
    return { code: error.code, message: error.message };
  }
  throw new Error(`was not refused: ${JSON.stringify(report)}`);
}
