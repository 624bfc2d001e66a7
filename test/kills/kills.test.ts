import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bitsOf, halfWritten } from "./bits.js";
import { countCalls, type Ended, gradpool, hasStrace, killAt } from "./command.js";
import { momentsOf } from "./moments.js";
import { givens, lay, rows, stories, type Story } from "./stories.js";

/** KILLS=140: so many kills over all stories, some six seconds each. Without it one kill for each story but the longest. */
const asked = process.env["KILLS"];
const told = asked === undefined ? stories.filter(({ long }) => long !== true) : stories;
const perStory = Math.ceil(Number(asked ?? told.length) / told.length);

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gradpool-kills-"));
  writeFileSync(join(folder, "rows.csv"), rows);
  for (const args of Object.values(givens)) expect((await gradpool(folder, args)).stderr).not.toMatch(/^gradpool: /m);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything in the working folder: what a command wrote, and what it left beside that. */
const written = (): readonly string[] =>
  readdirSync(folder).filter((name) => name !== "rows.csv" && !Object.hasOwn(givens, name));
const clear = (): void => {
  for (const name of written()) rmSync(join(folder, name), { recursive: true });
};
const bits = (): object => Object.fromEntries(written().map((name) => [name, bitsOf(join(folder, name))]));

/** One clear line, and no more. */
const isOneLine = ({ code, stderr, hung }: Ended): boolean =>
  !hung && code !== 0 && code !== null && stderr.match(/^gradpool: /gm)?.length === 1 && !/^ +at /m.test(stderr);

/** Kills the story's command at each moment, runs it again, and counts how that ended. */
async function tell(story: Story): Promise<{ readonly counts: Record<string, number>; readonly bad: string[] }> {
  const args = story.args("out");
  lay(folder, story, "out");
  const calls = await countCalls(folder, args, story.reach, story.calls);
  const whole = bits();
  const counts: Record<string, number> = {};
  const bad: string[] = [];
  for (const { call, nth } of momentsOf(calls, perStory)) {
    clear();
    lay(folder, story, "out");
    const { killed, ended } = await killAt(folder, args, story.reach, call, nth);
    const half = written().flatMap((name) => halfWritten(join(folder, name)));
    const again = await gradpool(folder, args);
    const same = again.code === 0 && JSON.stringify(bits()) === JSON.stringify(whole);
    const outcome = same ? "identical bits" : isOneLine(again) ? "one line" : "else";
    if (killed) counts[`${call}: ${outcome}`] = (counts[`${call}: ${outcome}`] ?? 0) + 1;
    if (!same || half.length > 0 || ended.hung)
      bad.push(
        `${call} ${nth}: ${outcome}, half-written: ${half.join()}, left: ${written().join()}\n${ended.stderr}\n${again.stderr}`,
      );
  }
  clear();
  return { counts, bad };
}

describe.skipIf(!(await hasStrace()))("killed by strace at a system call, and run again", () => {
  it.each(told.map((story) => [story.name, story] as const))(
    "%s ends with the bits of an unbroken run, and nothing is left beside it",
    { timeout: 3_600_000 },
    async (name, story) => {
      const { counts, bad } = await tell(story);
      if (asked !== undefined) console.log(name, counts);
      expect(bad).toEqual([]);
      expect(Object.keys(counts)).not.toEqual([]);
    },
  );
});
