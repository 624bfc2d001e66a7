import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bitsOf, halfWritten } from "./bits.js";
import { countCalls, type Ended, gradpool, hasStrace, signalAt } from "./command.js";
import { type Moment, momentsOf } from "./moments.js";
import { givens, growing, lay, log, rows, stories, type Story } from "./stories.js";

/**
 * KILLS=140: so many kills over all stories, some six seconds each, and a quarter as many times Ctrl-C. Without it one kill for
 * every story but the longest, and one Ctrl-C for those that have no test of their own for it. STORIES=train,bench: these alone.
 */
const asked = process.env["KILLS"];
const chosen = process.env["STORIES"]?.split(",");
const told = stories.filter(({ name, long }) => chosen?.includes(name) ?? (asked !== undefined || long !== true));
const kills = Math.ceil(Number(asked ?? told.length) / told.length);
const interrupts = ({ resumes }: Story): number => (asked === undefined && resumes === true ? 0 : Math.ceil(kills / 4));

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-kills-"));
  writeFileSync(join(folder, "rows.csv"), rows);
  writeFileSync(join(folder, "log.csv"), log);
  mkdirSync(join(folder, "growing"));
  writeFileSync(join(folder, "growing", "manifest.json"), JSON.stringify(growing));
  for (const args of Object.values(givens)) expect((await gradpool(folder, args)).stderr).not.toMatch(/^gradpool: /m);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything in the working folder: what a command wrote, and what it left beside that. */
const written = (): readonly string[] =>
  readdirSync(folder)
    .filter((name) => !["rows.csv", "log.csv", "growing"].includes(name) && !Object.hasOwn(givens, name))
    .sort();
const clear = (): void => {
  for (const name of written()) rmSync(join(folder, name), { recursive: true });
};
const bits = (): object => Object.fromEntries(written().map((name) => [name, bitsOf(join(folder, name))]));

/** One clear line, and no more. */
const isOneLine = ({ code, stderr, hung }: Ended): boolean =>
  !hung && code !== 0 && code !== null && stderr.match(/^gradpool: /gm)?.length === 1 && !/^ +at /m.test(stderr);

/** What a test found: how often what came out, and everything that should not have. */
interface Told {
  readonly counts: Record<string, number>;
  readonly bad: string[];
}

/** Ends the story's command by a signal at each moment, runs it again, and counts how that ended. */
async function tell(story: Story, signal: 2 | 9, moments: readonly Moment[], whole: string, { counts, bad }: Told) {
  const args = story.args("out");
  const word = signal === 9 ? "killed" : "Ctrl-C";
  for (const moment of moments) {
    clear();
    lay(folder, story, "out");
    const before = JSON.stringify(bits());
    const { reached, ended } = await signalAt(folder, args, story.reach, moment, signal);
    const half = written().flatMap((name) => halfWritten(join(folder, name)));
    const first = signal === 9 ? "" : stopped(ended, story.resumes === true || JSON.stringify(bits()) === before);
    const done = JSON.stringify(bits()) === whole;
    const again = await gradpool(folder, story.again?.("out") ?? args);
    const same = again.code === 0 && JSON.stringify(bits()) === whole;
    const refused = done && story.before === undefined && isOneLine(again);
    const outcome = same || refused ? "identical bits" : isOneLine(again) ? "one line" : "else";
    const key = `${word} in ${moment.call}${first}: ${outcome}`;
    if (reached) counts[key] = (counts[key] ?? 0) + 1;
    if (outcome !== "identical bits" || half.length > 0 || ended.hung || first.includes("!"))
      bad.push(
        [key, moment.nth, `half: ${half.join()}`, `left: ${written().join()}`, ended.stderr, again.stderr].join("\n"),
      );
  }
}

/** How Ctrl-C ended a command: `!` marks what must not be. */
function stopped({ code, signal, stderr }: Ended, untouched: boolean): string {
  if (code === 0) return " (had ended)";
  // Before the command has begun it is the system that ends it.
  if (signal === "SIGINT" && untouched) return " (at once)";
  return code === 130 && untouched ? " (130)" : ` (! ${code ?? signal}, ${stderr})`;
}

describe.skipIf(!(await hasStrace()))("ended by strace at a system call, and run again", () => {
  it.each(told.map((story) => [story.name, story] as const))(
    "%s ends with the bits of an unbroken run, and nothing half-written is ever left",
    { timeout: 3_600_000 },
    async (name, story) => {
      lay(folder, story, "out");
      const calls = await countCalls(folder, story.args("out"), story.reach, story.calls);
      const whole = JSON.stringify(bits());
      const found: Told = { counts: {}, bad: [] };
      await tell(story, 9, momentsOf(calls, kills), whole, found);
      await tell(story, 2, momentsOf(calls, interrupts(story)), whole, found);
      clear();
      if (asked !== undefined) console.log(name, found.counts);
      expect(found.bad).toEqual([]);
      expect(Object.keys(found.counts)).not.toEqual([]);
    },
  );
});
