import { mkdir, mkdtemp, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { problem } from "../errors.js";

/** Fails if `out` is taken: by anything at all, or, with `force`, by anything but a prepared set. */
async function checkOut(out: string, force: boolean): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (!found) return;
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

/** Moves the finished folder to its place; an old set goes only once the new one is whole. */
async function publish(from: string, out: string): Promise<void> {
  const old = `${from}.old`;
  const replaced = await rename(out, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(from, out);
  } catch (error) {
    if (replaced) await rename(old, out);
    throw problem("failed", "the finished set cannot be put in place", out, "check the folder's permissions", error);
  }
  if (replaced) await rm(old, { recursive: true });
}

/** Removes the folders from `folder` up to `top` that are empty. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let at = folder; at.length >= top.length; at = dirname(at)) {
    if (
      !(await rmdir(at).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}

/**
 * Runs `make` in a working folder next to `out`; what it left in `set` is moved to `out` at the end. Whatever happens,
 * the working folder is removed, and `out` holds the old set, the new one, or nothing.
 */
export async function intoFolder<T>(out: string, force: boolean, make: (work: string) => Promise<T>): Promise<T> {
  await checkOut(out, force);
  const above = await mkdir(dirname(out), { recursive: true }).catch((error: unknown) => {
    throw problem("failed", "the folder cannot be made", dirname(out), "check the path and its permissions", error);
  });
  const work = await mkdtemp(`${dirname(out)}/.${basename(out)}.partial-`).catch((error: unknown) => {
    throw problem("failed", "nothing can be written here", dirname(out), "check the path and its permissions", error);
  });
  try {
    const result = await make(work);
    await publish(`${work}/set`, out);
    return result;
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    if (above !== undefined) await removeEmpty(dirname(out), above);
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
