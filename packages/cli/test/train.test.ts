import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@gradpool/core";
import { generateShop, writePrepared } from "@gradpool/data";
import { readSnapshot } from "@gradpool/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const command = fileURLToPath(new URL("../bin/gradpool.js", import.meta.url));
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-train-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command; `meanwhile` gets the process, e.g. to kill it. */
function gradpool(
  args: readonly string[],
  meanwhile?: (kill: (signal?: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [command, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    meanwhile?.((signal = "SIGKILL") => child.kill(signal));
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const base = [
  "train",
  "--data",
  "shop",
  "--pool",
  "metabalance+pcgrad",
  "--epochs",
  "30",
  "--batch",
  "128",
  "--lr",
  "0.005",
  "--diagnostics-every",
  "3",
];

/** The bits of a run that must not depend on how often it was stopped. */
function bitsOf(run: string): object {
  const read = (name: string): string => readFileSync(join(run, name), "utf8");
  const weights = Object.fromEntries(
    ["newest", "best"].map((name) => {
      const { arrays } = readSnapshot(join(run, "checkpoint", `${name}.gradpool`));
      return [
        name,
        [...arrays].map(([key, array]) => [key, Buffer.from(array.buffer as ArrayBuffer).toString("base64")]),
      ];
    }),
  );
  const { result, config, dataHash } = JSON.parse(read("result.json")) as Record<string, unknown>;
  const metrics = read("metrics.jsonl").replaceAll(/,"time":"[^"]*"/g, "");
  return { result, config, dataHash, weights, metrics, diagnostics: read("diagnostics.jsonl") };
}

describe("gradpool train", () => {
  it("stopped by Ctrl-C in the middle of training, says so and leaves a checkpoint to go on from", async () => {
    const out = join(folder, "stopped");
    const args = [...base.map((word) => (word === "30" ? "5000" : word)), "--out", out];
    const { code, stderr } = await gradpool(args, (kill) => {
      const wait = setInterval(() => {
        if (!existsSync(join(out, "checkpoint", "newest.gradpool"))) return;
        clearInterval(wait);
        kill("SIGINT");
      }, 20);
    });
    expect(code).toBe(130);
    expect(stderr).toContain("stopping after a checkpoint");
    const result = JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as { result: { stopped: string } };
    expect(result.result.stopped).toBe("interrupted");
  });

  it("killed at ten random moments and resumed, ends with the bits of an unbroken run", async () => {
    const whole = join(folder, "whole");
    const once = await gradpool([...base, "--out", whole]);
    expect(once.stderr).not.toMatch(/gradpool:/);
    expect(once.code).toBe(0);

    const broken = join(folder, "broken");
    const random = createRandom(11);
    let kills = 0;
    let ended: Ended | undefined;
    while (kills < 10) {
      // Only kill once training is under way: a run that is killed while it starts has nothing to lose.
      ended = await gradpool([...base, "--out", broken, "--resume"], (kill) => {
        void (async () => {
          const log = join(broken, "metrics.jsonl");
          const before = existsSync(log) ? readFileSync(log, "utf8").length : 0;
          while ((existsSync(log) ? readFileSync(log, "utf8").length : 0) <= before) await pause(1);
          await pause(40 * random.uniform());
          kill();
        })();
      });
      if (ended.signal !== "SIGKILL") break;
      kills++;
    }
    expect(kills).toBe(10);
    ended = await gradpool([...base, "--out", broken, "--resume"]);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/resuming after step \d+/);
    expect(bitsOf(broken)).toEqual(bitsOf(whole));
    expect(readdirSync(join(broken, "checkpoint")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("with --json prints one document, and everything else on stderr", async () => {
    const { code, stdout } = await gradpool([
      "train",
      "--data",
      "shop",
      "--epochs",
      "2",
      "--out",
      join(folder, "json"),
      "--json",
    ]);
    expect(code).toBe(0);
    const file = JSON.parse(stdout) as { readonly result: { readonly test: Record<string, number> } };
    expect(Object.keys(file.result.test)).toContain("ndcg@10");
  });

  it("takes counts for no side task and says so once; named, they are learnt", async () => {
    const shop = generateShop({ users: 60, items: 50 });
    const buy = shop.behaviors["buy"]!;
    const values = buy.train.values!.map((_, k) => 1 + ((k * 7919) % 350_000));
    const set = join(folder, "plays");
    await writePrepared(
      { ...shop, behaviors: { ...shop.behaviors, buy: { ...buy, train: { ...buy.train, values } } } },
      set,
    );
    const run = (tasks: string, out: string, ...more: string[]): Promise<Ended> =>
      gradpool([
        "train",
        "--data",
        set,
        "--tasks",
        tasks,
        "--epochs",
        "2",
        "--out",
        join(folder, out),
        "--json",
        ...more,
      ]);
    const side = await run("target,side", "side");
    expect(side.stderr.split("taken for counts")).toHaveLength(2);
    expect(side.stderr).toContain("--tasks target,side,rating");
    expect(JSON.parse(side.stdout)).toMatchObject({ config: { tasks: ["buy", "social", "category"] } });
    const named = await run("target,side,rating", "named", "--rows", "dense-equivalent");
    expect(named.stderr).not.toContain("taken for counts");
    expect(JSON.parse(named.stdout)).toMatchObject({
      config: { tasks: ["buy", "social", "category", "rating"], rows: "dense-equivalent" },
      taskOptions: { rating: { offset: expect.any(Number), scale: expect.any(Number) } },
    });
  });

  it.each([
    [["--data", "shop", "--rows", "dense"], 2, /--rows is dense.*dense-equivalent/],
    [["--data", "shop", "--pool", "pcgradd"], 2, /unknown method pcgradd.*did you mean pcgrad/],
    [["--data", "shop", "--pool", "metabalance(relax=2)"], 2, /relax is 2 .*\[0, 1\]/],
    [["--data", "shop", "--model", "mff"], 2, /unknown model mff.*did you mean mf/],
    [["--data", "shop", "--model", "mf(dims=3)"], 2, /unknown option dims.*did you mean dim/],
    [
      ["--data", "shop", "--model", "click(interaction=dnc)"],
      2,
      /interaction is dnc \(model click\): did you mean dcn/,
    ],
    [["--data", "shop", "--model", "shared-bottom(std=-1)"], 2, /std is -1 .*\(0, ∞\)/],
    [["--data", "shop", "--tasks", "buy,crat"], 2, /nothing for the task crat.*did you mean cart/],
    [["--data", "shop", "--tasks", "cart,buy"], 2, /cart has no validation.*name buy first/],
    [["--data", "shop", "--metrics", "ndgc@10"], 2, /unknown metric "ndgc@10"/],
    [["--data", "shop", "--lr", "fast"], 2, /--lr is fast.*a number in \[0, ∞\)/],
    [["--data", "shop", "--epochs", "0"], 2, /--epochs is 0.*an integer in \[1, ∞\)/],
    [["--data", "shop", "--lr", "1e30", "--optimizer", "sgd"], 1, /(not finite|NaN|Infinity|non-finite).*step/i],
    [["--data", "/nowhere/at-all"], 1, /no prepared set.*\/nowhere\/at-all/],
    [["--data", "shop", "--tasks", "buy,crat"], 2, /\(--tasks\)/],
    [["--config", "/nowhere/config.json"], 1, /cannot be read.*\/nowhere\/config\.json/],
    [[], 2, /--data is missing/],
  ] as const)("%j fails with one clear line and code %i", async (args, code, pattern) => {
    const ended = await gradpool(["train", ...args, "--out", join(folder, "bad")]);
    const lines = ended.stderr.split("\n").filter((line) => line.startsWith("gradpool: "));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(pattern);
    expect(ended.code).toBe(code);
    rmSync(join(folder, "bad"), { recursive: true, force: true });
  });
});
