import { once } from "node:events";
import { GradpoolError } from "@gradpool/core";

/** Long enough for a launcher that finds no browser to end with an error, short enough to wait for. */
const patience = 3000;

/** Shows a file in the system's browser. Error `unsupported` where there is none that can be started. */
export const openReport = (path: string): Promise<void> => openInBrowser(path, "; the report is written");

/** The same for an address. */
export async function openInBrowser(path: string, also = ""): Promise<void> {
  const refuse = (why: string, cause?: unknown): GradpoolError =>
    new GradpoolError({
      code: "unsupported",
      what: `no browser could be started: ${why}`,
      where: "--open",
      remedy: `open ${path} yourself${also}`,
      cause,
    });
  if (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"])
    throw refuse("this session has no display");
  const { default: open } = await import("open");
  try {
    const child = await open(path);
    if (child.exitCode === null) {
      const ended: Promise<unknown[]> = once(child, "close");
      const code = await Promise.race([
        ended.then(([value]) => value as number | null),
        new Promise<null>((resolve) => setTimeout(resolve, patience, null).unref()),
      ]);
      if (code !== null && code !== 0) throw new Error(`the launcher ended with code ${code}`);
    }
    child.unref();
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
}
