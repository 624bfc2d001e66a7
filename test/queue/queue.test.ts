/**
 * Trials on several machines, which are processes here, and a real Redis. `QUEUE_ROUNDS=10` does each failure so often to a comparison
 * of 100 trials (minutes on a quiet machine); without it the failures are done to one small comparison.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Summary } from "@gradpool/bench";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { begin } from "./command.js";
import { hasRedis, startRedis, type TestRedis } from "./redis.js";
import {
  compared,
  endWorkers,
  type Failure,
  failures,
  long,
  type Place,
  resultsIn,
  startWorker,
  summaryHere,
} from "./stories.js";

const rounds = Number(process.env["QUEUE_ROUNDS"] ?? 0);
const own = ["--data", "sets/mine", "--epochs", "2", "--model", "mf(dim=4)"];

const cwd = mkdtempSync(join(tmpdir(), "gradpool-queue-"));
writeFileSync(join(cwd, "package.json"), JSON.stringify({ type: "module" }));

/** A prepared set, below the folder of sets that workers are given. */
beforeAll(async () => {
  const rows = Array.from({ length: 50 }, (_, user) =>
    Array.from({ length: 8 }, (__, k) => `${user},${(user * 7 + k * k) % 23},${k}`),
  );
  writeFileSync(join(cwd, "mine.csv"), ["user,item,time", ...rows.flat()].join("\n"));
  const prepared = begin(cwd, [
    "prepare",
    "--format",
    "csv",
    "mine.csv",
    "--columns",
    "user=user,item=item,time=time",
    "--out",
    "sets/mine",
  ]);
  if ((await prepared.ended) !== 0) throw new Error(prepared.said());
});

/** A file of code that a trial may name as its pool. */
function writePool(file: string, rule: string): void {
  const pool = `spec: 1, name: "own", options: {}, needs: "norms", granularity: "model", level: "parameters", init: () => null`;
  writeFileSync(join(cwd, file), `export const createPool = () => ({ ${pool}, pool: () => { ${rule} } });\n`);
}

const servers: TestRedis[] = [];
let made = 0;
const redisHere = async (asked?: readonly string[]): Promise<TestRedis> => {
  const redis = await startRedis(mkdtempSync(join(cwd, `redis-${made++}-`)), asked);
  servers.push(redis);
  return redis;
};
afterEach(async () => {
  await endWorkers();
  await Promise.all(servers.splice(0).map((redis) => redis.kill()));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function expectSame(place: Place, out: string, fail: Failure | null): Promise<void> {
  const ended = await compared(place, out, fail);
  expect(ended.code, ended.said).toBe(0);
  expect(ended.ids).toHaveLength(place.trials);
  expect(new Set(ended.ids).size).toBe(place.trials);
  expect(ended.summary).toBe(await summaryHere(cwd, place.asked));
}

describe.skipIf(!hasRedis)("a bench on two workers (with a redis-server)", () => {
  it("ends with the summary of one machine, though a worker is killed, the Redis restarts and a machine stands still", async () => {
    const asked = [...own, "--pools", "ew,pcgrad", "--seeds", "2"];
    const inTurns = Object.values(failures);
    const place = { cwd, redis: await redisHere(), asked, trials: 4, times: inTurns.length };
    await expectSame(place, "queued", (...told) => (inTurns[told[2] - 1] as Failure)(...told));
  });

  it("reports a trial that ends its process three times, and one whose code no worker was told to allow", async () => {
    writePool("crash.js", `process.kill(process.pid, "SIGKILL");`);
    writePool("mine.js", `throw new Error("it ran");`);
    const redis = await redisHere();
    const worker = startWorker({ cwd, redis }, ["--allow", "./crash.js"]);
    const asked = [...own, "--pools", "./crash.js,./mine.js", "--seeds", "1"];
    const bench = begin(cwd, ["bench", ...asked, "--queue", redis.url, "--out", "failing"]);
    expect(await bench.ended).toBe(1);
    const summary = JSON.parse(readFileSync(join(cwd, "failing", "summary.json"), "utf8")) as Summary;
    expect(summary.failures.map(({ label, error }) => `${label}: ${error}`)).toEqual([
      "./crash.js: ended with code SIGKILL",
      expect.stringMatching(/^\.\/mine\.js: .*--allow|^\.\/mine\.js: .*allow/),
    ]);
    expect([...worker.said().matchAll(/crash\.js seed 1 begins/g)]).toHaveLength(3);
    expect(bench.said()).not.toMatch(/it ran/);
  });

  it("lets workers go that are told to while the Redis is away, with a trial at hand and with none", async () => {
    const redis = await redisHere();
    const workers = [startWorker({ cwd, redis }), startWorker({ cwd, redis })];
    await Promise.all(workers.map((worker) => worker.says(/ serves /)));
    const bench = begin(cwd, ["bench", ...long, "--queue", redis.url, "--out", "deserted"]);
    await Promise.race(workers.map((worker) => worker.says(/ begins$/m)));
    await redis.kill();
    for (const worker of workers) worker.child.kill("SIGTERM");
    expect(await Promise.all(workers.map((worker) => worker.ended))).toEqual([1, 1]);
    for (const worker of workers) expect(worker.said()).toMatch(/ has not answered for \d+ s/);
    bench.child.kill("SIGKILL");
    await bench.ended;
  });

  it.skipIf(!hasOpenssl())(
    "lets in by TLS and password alone, and says why not in one line (with openssl)",
    async () => {
      const [key, cert] = [join(cwd, "key.pem"), join(cwd, "cert.pem")];
      const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
      execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" }); // prettier-ignore
      const plainPort = await redisHere(["--requirepass", "s3cret"]);
      const tls = await redisHere(["--requirepass", "s3cret", "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no", "--tls-port", "PORT", "--port", "0"]); // prettier-ignore
      const come = async (url: string, env: Readonly<Record<string, string>> = {}) => {
        const worker = begin(cwd, ["worker", "--queue", url, "--idle", "0"], env);
        return { code: await worker.ended, said: worker.said() };
      };
      const trusted = { NODE_EXTRA_CA_CERTS: cert };
      const [inside, byVariable, unknown, wrong, none] = await Promise.all([
        come(`rediss://:s3cret@localhost:${tls.port}`, trusted),
        come(plainPort.url, { GRADPOOL_QUEUE_PASSWORD: "s3cret" }),
        come(`rediss://:s3cret@localhost:${tls.port}`),
        come(`redis://:wr0ng@127.0.0.1:${plainPort.port}`),
        come(plainPort.url),
      ]);
      expect(inside).toMatchObject({ code: 0 });
      expect(byVariable).toMatchObject({ code: 0 });
      expect(unknown.said).toMatch(
        /^gradpool: the queue does not answer: self-signed certificate.*NODE_EXTRA_CA_CERTS.*\n$/,
      );
      expect(wrong.said).toMatch(/^gradpool: the queue does not answer: WRONGPASS.*GRADPOOL_QUEUE_PASSWORD\n$/);
      expect(wrong.said).not.toMatch(/wr0ng/);
      expect(none.said).toMatch(/^gradpool: the queue does not answer: NOAUTH.*\n$/);
      expect([unknown.code, wrong.code, none.code]).toEqual([1, 1, 1]);
    },
  );
});

describe.skipIf(!hasRedis || rounds === 0)(
  "a bench of 100 trials on two workers (with a redis-server and QUEUE_ROUNDS)",
  () => {
    const asked = [...own, "--pools", "ew,pcgrad", "--seeds", "50"];
    const hours = 4 * 3_600_000;

    it.each(Object.entries(failures))(
      "loses nothing where %s, again and again",
      async (name, fail) => {
        const place = { cwd, redis: await redisHere(), asked, trials: 100, times: rounds };
        await expectSame(place, name.replaceAll(" ", "-"), fail);
      },
      hours,
    );

    it(
      "loses nothing where the Redis comes back empty, again and again",
      async () => {
        const redis = await redisHere(["--appendonly", "no"]);
        const fail = failures["the Redis is killed and comes back"] as Failure;
        await expectSame({ cwd, redis, asked, trials: 100, times: rounds }, "empty", fail);
      },
      hours,
    );

    it(
      "reports a trial that kills its workers after three tries, again and again",
      async () => {
        // It ends with what it has killed: a process that hung would keep the trial's folder.
        writePool("killer.js", `process.kill(process.ppid, "SIGKILL"); throw new Error("gone");`);
        for (let n = 0; n < rounds; n++) {
          const redis = await redisHere();
          const bench = begin(cwd, [
            "bench",
            ...own,
            "--pools",
            "ew,./killer.js",
            "--seeds",
            "1",
            "--queue",
            redis.url,
            "--out",
            `killer-${n}`,
          ]);
          let ended = false;
          void bench.ended.then(() => (ended = true));
          while (!ended)
            await Promise.race([startWorker({ cwd, redis }, ["--allow", "./killer.js"]).ended, bench.ended]);
          const summary = JSON.parse(readFileSync(join(cwd, `killer-${n}`, "summary.json"), "utf8")) as Summary;
          expect(summary.failures.map(({ label, error }) => `${label}: ${error}`)).toEqual([
            expect.stringMatching(/^\.\/killer\.js: its worker vanished 3 times while it ran/),
          ]);
          expect(resultsIn(join(cwd, `killer-${n}`)).ids).toHaveLength(2);
          await endWorkers();
        }
      },
      hours,
    );
  },
);

function hasOpenssl(): boolean {
  try {
    return execFileSync("openssl", ["version"], { encoding: "utf8" }) !== "";
  } catch {
    return false;
  }
}
