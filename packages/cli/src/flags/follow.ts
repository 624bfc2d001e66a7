import { given } from "@gradpool/core";
import { usageError } from "../terminal/errors.js";
import { readNumber } from "../terminal/values.js";

interface FlagArg {
  readonly type: "string";
  readonly valueHint: string;
  readonly description: string;
}

/** Flags of `train` for rows that keep coming. */
export const followArgs: Readonly<Record<"follow" | "from" | "follow-until" | "follow-idle", FlagArg>> = {
  follow: {
    type: "string",
    valueHint: "DIR",
    description:
      "in place of --data: rows that other programs write (gradpool-rows), or logs as they are (gradpool-log); train on each Parquet file as it appears, judged first, until Ctrl-C or a file DIR/_END",
  },
  from: {
    type: "string",
    valueHint: "RUN",
    description:
      "with --follow: begin with what that run has learnt, its options and its numbers of users, items and values",
  },
  "follow-until": { type: "string", valueHint: "N", description: "end after so many partitions (default: never)" },
  "follow-idle": {
    type: "string",
    valueHint: "SECONDS",
    description: "end after so many seconds without a new partition (default: never)",
  },
};

export interface Followed {
  readonly follow: string;
  readonly from?: string;
  readonly until?: number;
  readonly idle?: number;
}

/** What is to be followed; undefined: nothing. */
export function followOf(args: {
  readonly [F in keyof typeof followArgs | "data"]?: string | undefined;
}): Followed | undefined {
  const { follow, data, from, "follow-until": until, "follow-idle": idle } = args;
  if (follow === undefined) {
    const stray = Object.entries({ from, "follow-until": until, "follow-idle": idle }).find(
      ([, value]) => value !== undefined,
    );
    if (stray === undefined) return undefined;
    throw usageError("nothing is followed", `--${stray[0]}`, "add --follow DIR");
  }
  if (data !== undefined) throw usageError("--follow and --data name the rows", "gradpool train", "give one of them");
  return {
    follow,
    ...given({
      from,
      until: until === undefined ? undefined : readNumber(until, "follow-until", { integer: true, min: 1 }),
      idle: idle === undefined ? undefined : readNumber(idle, "follow-idle", { min: 0 }),
    }),
  };
}
