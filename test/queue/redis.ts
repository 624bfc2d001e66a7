/** A Redis of the test's own: on a free port of this machine, in a folder of its own. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";

const version = (): string | null => {
  try {
    return execFileSync("redis-server", ["--version"], { encoding: "utf8" });
  } catch {
    return null;
  }
};

/** Whether there is a redis-server to be started: Debian's package of that name, for one. */
export const hasRedis: boolean = version() !== null;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}

export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** Kills it, without a chance to save. */
  kill(): Promise<void>;
  /** Starts it again, with what it had on the disk, or with nothing. */
  start(): Promise<void>;
}

/** Starts one, which keeps what it holds on the disk with every write, unless `arguments` say otherwise. */
export async function startRedis(folder: string, asked: readonly string[] = []): Promise<TestRedis> {
  const port = await freePort();
  const kept = asked.length > 0 ? asked : ["--appendonly", "yes", "--appendfsync", "always"];
  let server: ChildProcess | undefined;
  const redis: TestRedis = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async kill() {
      if (server === undefined) return;
      const gone = once(server, "exit");
      server.kill("SIGKILL");
      await gone;
      server = undefined;
    },
    async start() {
      const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
      // Where the port is to be TLS's own, it is none of plain text.
      const own = kept.map((word) => (word === "PORT" ? String(port) : word));
      server = spawn("redis-server", [...options, ...own], { stdio: ["ignore", "pipe", "inherit"] });
      for await (const text of server.stdout!.setEncoding("utf8")) if (/Ready to accept/.test(String(text))) break;
      server.stdout!.resume();
    },
  };
  await redis.start();
  return redis;
}
