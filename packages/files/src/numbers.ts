import { GradpoolError } from "@gradpool/core";

/** A text, or a number, of valid JSON. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * Refuses valid JSON with a number beyond what numbers hold, which `JSON.parse` takes for infinity, and shows it as it stands. Error
 * `invalid-input`, with the line.
 */
export function refuseInfinite(json: string, where: string): void {
  for (const { 0: token, index } of json.matchAll(tokens)) {
    if (token.startsWith('"') || Number.isFinite(Number(token))) continue;
    throw new GradpoolError({
      code: "invalid-input",
      what: `${token} is beyond what a number holds`,
      where: `${where}, line ${json.slice(0, index).split("\n").length}`,
      remedy: "give a finite number",
    });
  }
}
