import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Reach } from "./command.js";

/** A command that is killed, and the same one again. */
export interface Story {
  readonly name: string;
  readonly reach: Reach;
  /** The command, which writes to `out`. */
  args(out: string): readonly string[];
  /** What goes on after it, where that is not the same command. */
  again?(out: string): readonly string[];
  readonly calls: readonly string[];
  /** Stopped by Ctrl-C it leaves what the next one goes on with. */
  readonly resumes?: boolean;
  /** Told on demand only. */
  readonly long?: boolean;
  /** What is at `out` before it: the name of something that `givens` made. */
  readonly before?: string;
}

const shop = "shop(users=80,items=50)";
const words = (text: string): readonly string[] => text.split(" ");
const train = words(`train --data ${shop} --pool pcgrad --epochs 3 --batch 64 --diagnostics-every 2`);
const drawn = words(
  `train --data ${shop} --tasks buy,cart --epochs 3 --batch 64 --held-out 0.2 --checkpoint-every 3 --diagnostics-every 2`,
);
/** Steps that are large enough for threads to begin. */
const shared = words(
  "train --data shop(users=900,items=700) --tasks buy,cart --epochs 2 --batch 800 --held-out 0.2 --checkpoint-every 4",
);
const bench = words(`bench --data ${shop} --pools ew,pcgrad --seeds 1 --epochs 2 --batch 64 --jobs 1`);
const prepare = words("prepare --format csv rows.csv --columns user=user,item=item --split leave-one-out");
const parted = words("prepare --format csv log.csv --columns user=user,item=item,label=click --rows-per-file 60");
const click = words("--model click(dim=4,trunk=8,head=8) --batch 40 --checkpoint-every 3 --backend cpu");
const streamed = words("train --data parts --read stream --epochs 2").concat(click);
const following = words("train --follow growing --follow-idle 0").concat(click);
const table = words("recommend run --users all --k 5");

/** Commands that run once, before all stories, by the name of what they write in the working folder. */
export const givens: Readonly<Record<string, readonly string[]>> = {
  run: [...train, "--out", "run"],
  set: [...prepare, "--out", "set"],
  parts: [...parted, "--out", "parts"],
};

/** Rows of a prepared set's partitions, as what other programs write: followed, they come one after the other. */
export const growing: object = {
  format: "gradpool-rows",
  version: 1,
  train: "../parts/impressions/train",
  user: "user",
  item: "item",
  labels: { click: "label_0" },
};

/** Rows of pairs, to prepare. */
export const rows: string = `user,item\n${Array.from({ length: 200 }, (_, k) => `u${k % 20},i${(k * 7) % 31}`).join("\n")}\n`;

/** Rows shown, to learn from where they lie. */
export const log: string = `user,item,click\n${Array.from({ length: 400 }, (_, k) => `u${k % 20},i${(k * 7) % 31},${k % 3 === 0 ? 1 : 0}`).join("\n")}\n`;

export const stories: readonly Story[] = [
  {
    name: "train",
    resumes: true,
    reach: "all",
    args: (out) => [...train, "--out", out, "--resume"],
    calls: ["write", "fsync", "rename", "link", "unlink", "mkdir"],
  },
  {
    name: "train on rows from the disk",
    resumes: true,
    long: true,
    reach: "all",
    args: (out) => [...streamed, "--out", out, "--resume"],
    calls: ["write", "fsync", "rename", "link"],
  },
  // Pools that are shown more of a step than one batch: what is drawn for them goes on where it stopped.
  ...["modo", "sdmgrad(sampling=double)", "auxinash(every=2)"].map((pool): Story => ({
    name: `train, ${pool}`,
    resumes: true,
    long: true,
    reach: "all",
    args: (out) => [...drawn, "--pool", pool, "--out", out, "--resume"],
    calls: ["write", "fsync", "rename", "link"],
  })),
  // The bits do not depend on the number of threads, nor on its being another after a kill.
  ...["mf(dim=32)", "lightgcn(dim=32,layers=2)"].flatMap((model) =>
    ["pcgrad", "pmtrec", "metabalance"].map((pool): Story => {
      const args = (out: string, threads: number): readonly string[] =>
        [...shared, "--model", model, "--pool", pool, "--threads", String(threads), "--out", out, "--resume"]; // prettier-ignore
      return {
        name: `${pool} on ${model.replace(/\(.*/, "")} with two threads and then three`,
        resumes: true,
        long: true,
        reach: "all",
        args: (out) => args(out, 2),
        again: (out) => args(out, 3),
        calls: ["write", "fsync", "rename", "link"],
      };
    }),
  ),
  {
    name: "train --follow",
    resumes: true,
    long: true,
    reach: "all",
    args: (out) => [...following, "--out", out, "--resume"],
    calls: ["write", "fsync", "rename", "link"],
  },
  {
    name: "bench",
    resumes: true,
    reach: "first",
    args: (out) => [...bench, "--out", out],
    calls: ["write", "fsync", "rename", "mkdir"],
  },
  {
    name: "a bench's trials",
    resumes: true,
    long: true,
    reach: "all",
    args: (out) => [...bench, "--out", out],
    calls: ["write", "fsync", "rename", "link"],
  },
  {
    name: "prepare",
    long: true,
    reach: "all",
    args: (out) => [...prepare, "--out", out, "--force"],
    calls: ["write", "pwrite64", "fsync", "rename"],
  },
  {
    name: "prepare in partitions",
    long: true,
    reach: "all",
    args: (out) => [...parted, "--out", out, "--force"],
    calls: ["write", "pwrite64", "fsync", "rename", "mkdir"],
  },
  {
    name: "prepare --force",
    reach: "all",
    before: "set",
    args: (out) => [...prepare, "--out", out, "--force"],
    calls: ["write", "pwrite64", "fsync", "rename", "unlink", "rmdir"],
  },
  {
    name: "recommend",
    reach: "all",
    args: (out) => [...table, "--out", `${out}.parquet`],
    calls: ["write", "pwrite64", "fsync", "rename"],
  },
  {
    name: "export",
    reach: "all",
    args: (out) => ["export", "run", "--format", "npy", "--out", out],
    calls: ["write", "fsync", "rename", "mkdir"],
  },
];

/** Puts what a story finds into its place. */
export function lay(cwd: string, { before }: Story, out: string): void {
  if (before !== undefined) cpSync(join(cwd, before), join(cwd, out), { recursive: true });
}
