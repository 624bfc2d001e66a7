import { GradpoolError, type JsonValue } from "@gradpool/core";

/** One request as it was read: its JSON, or why there is none. */
export type ReadRequest = { readonly value: JsonValue } | { readonly error: GradpoolError };

export interface ReadInput {
  readonly form: "single" | "array" | "lines";
  readonly requests: readonly ReadRequest[];
}

/**
 * Reads one request, an array of them, or JSON Lines. A malformed line is that line's error; the others stay. NaN,
 * Infinity and -Infinity as Python writes them become strings, so that they are reported where they stand.
 */
export function readInput(text: string): ReadInput {
  const clean = text.replace(/^\uFEFF/, "");
  const whole = parse(clean);
  if ("value" in whole) {
    const { value } = whole;
    if (Array.isArray(value)) return { form: "array", requests: value.map((entry: JsonValue) => ({ value: entry })) };
    return { form: "single", requests: [whole] };
  }
  const lines = clean
    .split(/\r?\n/)
    .map((line, k) => ({ line: line.trim(), number: k + 1 }))
    .filter(({ line }) => line !== "");
  const read = lines.map(({ line, number }) => parse(line, `line ${number}`));
  if (lines.length > 1 && !clean.trimStart().startsWith("[") && read.some(isRequest)) {
    return { form: "lines", requests: read };
  }
  return { form: "single", requests: [whole] };
}

function isRequest(read: ReadRequest): boolean {
  if (!("value" in read) || typeof read.value !== "object" || read.value === null) return false;
  return "method" in read.value || "gradients" in read.value || "steps" in read.value;
}

/** Strings as they are, or a bare number that JSON does not have. */
const bareNumbers = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

function parse(text: string, where?: string): ReadRequest {
  try {
    return { value: JSON.parse(text) as JsonValue };
  } catch (cause) {
    const quoted = text.replaceAll(bareNumbers, (token) => (token.startsWith('"') ? token : `"${token}"`));
    if (quoted !== text) {
      try {
        return { value: JSON.parse(quoted) as JsonValue };
      } catch {
        // The first error says where the original text went wrong.
      }
    }
    return { error: malformed(text, cause, where) };
  }
}

function malformed(text: string, cause: unknown, where: string | undefined): GradpoolError {
  const said = (cause as Error).message.replaceAll(/\s+/g, " ");
  const at = /position (\d+)/.exec(said)?.[1];
  const before = at === undefined ? undefined : text.slice(0, Number(at)).split("\n");
  const place =
    before === undefined ? "input" : `line ${before.length}, column ${(before.at(-1) as string).length + 1}`;
  const empty = text.trim() === "";
  return new GradpoolError({
    code: "invalid-input",
    what: empty ? "empty input" : `malformed JSON: ${said}`,
    where: where ?? place,
    remedy: "give one request, an array of requests, or one request per line; see gradpool pool --help",
    cause,
  });
}
