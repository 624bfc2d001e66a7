import { readdirSync, statSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { GradpoolError } from "@gradpool/core";
import { type SweepFiles } from "@gradpool/bench";
import { buildReport, waitingHtml } from "@gradpool/report";

const names = [
  "config.json",
  "result.json",
  "metrics.jsonl",
  "diagnostics.jsonl",
  "plan.json",
  "summary.json",
  "results.jsonl",
];

/** How often files are looked at, in milliseconds. */
const every = 1000;

export interface WatchOptions {
  /** Folders of runs, or of a bench. */
  readonly folders: readonly string[];
  readonly read: () => SweepFiles;
  /** 0: one that is free. */
  readonly port: number;
  readonly signal: AbortSignal;
  readonly onListening: (url: string) => void;
}

/**
 * Serves the report on this machine alone, and has the pages that show it load it again when a file of it changes, until the signal.
 * What cannot be read yet is said in the page. Error `failed` for a port that is taken.
 */
export async function watchReport({ folders, read, port, signal, onListening }: WatchOptions): Promise<void> {
  const listeners = new Set<ServerResponse>();
  let page = "";
  const server = createServer((request, response) => {
    // A page elsewhere that has a name of its own point here is none of ours.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ""))
      return void response.writeHead(403).end();
    if (request.method !== "GET") return void response.writeHead(405).end();
    if (request.url === "/") {
      return void response
        .writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
        .end(page);
    }
    if (request.url !== "/changes") return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).write(": here\n\n");
    listeners.add(response);
    response.on("close", () => listeners.delete(response));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(taken(port, cause)));
    server.listen(port, "127.0.0.1", resolve);
  });
  try {
    const address = server.address();
    onListening(`http://127.0.0.1:${typeof address === "object" ? address?.port : port}/`);
    let seen = "";
    while (!signal.aborted) {
      const now = signatureOf(folders);
      if (now !== seen) {
        seen = now;
        page = await pageOf(read);
        for (const listener of listeners) listener.write("data: new\n\n");
      }
      await pause(every, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    for (const listener of listeners) listener.end();
    server.close();
    server.closeAllConnections();
  }
}

async function pageOf(read: () => SweepFiles): Promise<string> {
  try {
    return await buildReport(read(), undefined, true);
  } catch (error) {
    return waitingHtml(error instanceof Error ? error.message : String(error));
  }
}

/** Sizes and times of the files that a report is made from. */
function signatureOf(folders: readonly string[]): string {
  const all = folders.flatMap((folder) => [folder, ...trialsOf(folder)]);
  return all
    .flatMap((folder) => names.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })))
    .map((stat) => (stat === undefined ? "" : `${stat.size} ${stat.mtimeMs}`))
    .join();
}

function trialsOf(folder: string): readonly string[] {
  const trials = join(folder, "trials");
  if (statSync(trials, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(trials).map((name) => join(trials, name));
}

const taken = (port: number, cause: Error): GradpoolError =>
  new GradpoolError({
    code: "failed",
    what: `the port ${port} cannot be listened on: ${cause.message}`,
    where: "--port",
    remedy: "give another one, or none",
    cause,
  });
