import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { isRunning, makeFolders, type Owner, removeEmpty, syncFolder, syncTree, thisProcess } from "@gradpool/files";
import { problem } from "../errors.js";

/** Fails if `out` is taken: by anything at all, or, with `force`, by anything but a prepared set. */
async function checkOut(out: string, force: boolean): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (!found) return;
  if (!found.isDirectory()) throw problem("usage", "a file is there", out, "give a folder that is the set's own");
  if (!force) throw problem("usage", "the folder exists", out, "choose another folder, or replace it with `force`");
  const held = await readFile(`${out}/manifest.json`, "utf8").catch(() => "");
  if (!held.includes('"gradpool-data"')) {
    throw problem(
      "usage",
      "what is there is no prepared set, so `force` will not remove it",
      out,
      "choose another folder",
    );
  }
}

/**
 * Moves the finished folder to its place, flushed to the disk first; with `force` an old set goes only once the new one is whole.
 * Killed in between, the old one stands in the working folder, and {@link recover} puts it back.
 */
async function publish(from: string, out: string, force: boolean): Promise<void> {
  syncTree(from);
  await checkOut(out, force);
  const old = oldOf(dirname(from));
  const replaced = force && (await moved(out, old));
  try {
    await rename(from, out);
  } catch (error) {
    if (replaced) await rename(old, out);
    const remedy = "check that nothing was put there meanwhile, and the folder's permissions";
    throw problem("failed", "the finished set cannot be put in place", out, remedy, error);
  }
  syncFolder(dirname(out));
}

const oldOf = (work: string): string => `${work}/set.old`;

const moved = (from: string, to: string): Promise<boolean> =>
  rename(from, to).then(
    () => true,
    () => false,
  );

/**
 * Clears up after processes that were killed while they made the set in `out`: their working folders go, and an old set that one
 * of them had moved away is put back. Answers with whether it did that.
 */
export async function recover(out: string): Promise<boolean> {
  const above = dirname(out);
  const begin = workName(out);
  let back = false;
  for (const name of await readdir(above).catch(() => [])) {
    if (!name.startsWith(begin)) continue;
    const work = `${above}/${name}`;
    if (await isAtWork(work, Number.parseInt(name.slice(begin.length), 10))) continue;
    // A rename, as all of it: it is there as a whole, or it was not moved yet. An `out` that is there is the new set.
    const there = await stat(out).catch(() => undefined);
    if (!there && (await moved(oldOf(work), out))) back = true;
    await rm(work, { recursive: true, force: true });
  }
  if (back) syncFolder(above);
  return back;
}

/** Where sets for `out` are made; what follows is the number of the process. */
const workName = (out: string): string => `.${basename(out)}.partial-`;

const recordName = "owner.json";

/** Whether the process of a working folder runs; one on another machine may. */
async function isAtWork(work: string, pid: number): Promise<boolean> {
  // Killed before it could write who it is, its folder's name is all that there is to know.
  const unknown = { ...thisProcess(), pid, started: null };
  const text = await readFile(`${work}/${recordName}`, "utf8").catch(() => "");
  let owner: Owner = unknown;
  try {
    owner = JSON.parse(text) as Owner;
  } catch {
    // Half a record says as much as none.
  }
  return isRunning(owner) !== false;
}

/**
 * Runs `make` in a working folder next to `out`; what it left in `set` is moved to `out` at the end. Whatever happens,
 * the working folder is removed, and `out` holds the old set, the new one, or nothing.
 */
export async function intoFolder<T>(out: string, force: boolean, make: (work: string) => Promise<T>): Promise<T> {
  await recover(out);
  await checkOut(out, force);
  const above = makeFolders(dirname(out));
  const work = await mkdtemp(`${dirname(out)}/${workName(out)}${process.pid}-`).catch((error: Error) => {
    const what = `nothing can be written here: ${error.message}`;
    throw problem("failed", what, dirname(out), "check the path, its permissions and the space on the disk", error);
  });
  try {
    await writeFile(`${work}/${recordName}`, JSON.stringify(thisProcess()));
    const result = await make(work);
    await publish(`${work}/set`, out, force);
    return result;
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    if (above !== undefined) removeEmpty(dirname(out), above);
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
