import type { Writable } from "node:stream";
import cliProgress from "cli-progress";

export interface ProgressOptions {
  /** What is being done: "reading", "epoch 3". */
  readonly label: string;
  /** How much there is to do; absent if nobody knows. */
  readonly total?: number;
  /** What is counted: "rows", "steps". */
  readonly unit?: string;
}

export interface Progress {
  /**
   * How much is done by now, and a word on the state ("loss 0.31"). Without `telling` it says nothing yet of the rate or the time
   * left: what has been done so far was mostly getting ready.
   */
  update(done: number, state?: string, telling?: boolean): void;
  /** So much more of what `update` counts was done before: it says nothing about the rate or the time left. */
  found(amount: number): void;
  /** Ends it; later updates are ignored. */
  stop(): void;
}

/** Quick work is not worth a line. */
const patience = 2_000;
/** Between two plain lines, in logs: five seconds, and longer when it takes long, or a night's log would be a book. */
const interval = (elapsed: number): number => Math.max(5_000, elapsed / 60);

const counts: Intl.NumberFormat = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** 75 → "1m 15s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
}

/** 2.5 → "2.5 rows/s", 0.05 → "3 rows/min". */
export function rateOf(perSecond: number, unit: string): string {
  const [speed, time] =
    perSecond >= 0.5 ? [perSecond, "s"] : perSecond * 60 >= 0.5 ? [perSecond * 60, "min"] : [perSecond * 3600, "h"];
  return `${counts.format(speed)} ${unit}/${time}`.replace(" /", "/");
}

/** Progress on `stream`: rate and time left, from the work done so far. `now` in milliseconds. */
export function createProgress(
  stream: Writable & { readonly isTTY?: boolean },
  options: ProgressOptions,
  now: () => number = () => performance.now(),
): Progress {
  const { label, total, unit = "" } = options;
  const start = now();
  let spoke = start;
  let stopped = false;
  let before = 0;
  let bar: cliProgress.SingleBar | undefined;

  function figures(done: number): { rate: string; left: string } {
    const seconds = (now() - start) / 1000;
    const speed = (done - before) / seconds;
    return {
      rate: rateOf(speed, unit),
      left: total === undefined ? "" : `${duration((total - done) / speed)} left`,
    };
  }

  function drawBar(done: number, state: string, telling: boolean): void {
    if (bar === undefined) {
      const scale = total === undefined ? "{value}" : "{bar} {percentage}%";
      bar = new cliProgress.SingleBar(
        {
          format: `${label} ${scale}  {rate}  {left}  {state}`,
          stream: stream as NodeJS.WritableStream,
          clearOnComplete: true,
          hideCursor: true,
          barsize: 28,
          linewrap: false,
        },
        cliProgress.Presets.shades_classic,
      );
      bar.start(total ?? 0, 0, { rate: "", left: "", state });
    }
    bar.update(done, { ...(telling ? figures(done) : { rate: "", left: "" }), state });
  }

  return {
    update(done, state = "", telling = true) {
      const at = now();
      if (stopped || at - start < patience || done <= before) return;
      if (stream.isTTY === true) {
        drawBar(done, state, telling);
      } else if (spoke === start || at - spoke >= interval(at - start)) {
        spoke = at;
        const { rate, left } = telling ? figures(done) : { rate: "", left: "" };
        const share = total === undefined ? `${done} ${unit}`.trim() : `${Math.floor((100 * done) / total)} %`;
        stream.write(`${[`${label}: ${share}`, rate, left, state].filter((part) => part !== "").join(", ")}\n`);
      }
    },
    found(amount) {
      before += amount;
    },
    stop() {
      stopped = true;
      bar?.stop();
    },
  };
}
