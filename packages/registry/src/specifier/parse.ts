import { given, GradpoolError, granularities, type JsonValue, type Level, levels } from "@gradpool/core";
import { didYouMean } from "../nearest.js";

/** One pool of a chain: a method's name, a path or a package, and the options written behind it. */
export interface Link {
  readonly name: string;
  readonly options: Readonly<Record<string, JsonValue>>;
}

/** A pool specifier, read but not looked up. */
export interface Specifier {
  readonly text: string;
  readonly links: readonly Link[];
  readonly level?: Level;
}

/** A name: quoted; `@scope/package`; or whatever holds none of the characters that mean something here. */
const namePattern = /"([^"]+)"|(@[^\s/@+#(),]+\/[^\s@+#(),]+|[^\s@+#(),"]+)/y;
const keyPattern = /\s*([A-Za-z][\w-]*)\s*=\s*/y;
const valuePattern = /("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,()"[\]]+)\s*/y;
const wordPattern = /[A-Za-z]+/y;

/**
 * Reads `metabalance(relax=0.5)+pcgrad(against=target)@representation#row`: links joined by `+`, each with options in
 * parentheses and, after `#`, its granularity; after `@`, the level of the whole. Values are numbers, true, false, null,
 * words, "quoted text" or [1, 2] (one number per task).
 */
export function parseSpecifier(text: string): Specifier {
  let at = 0;
  let level: Level | undefined;
  const links: Link[] = [];

  const fail = (what: string, remedy: string): GradpoolError =>
    new GradpoolError({ code: "usage", what, where: `pool specifier ${text}, character ${at + 1}`, remedy });
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const skip = (char: string): boolean => {
    if (text[at] !== char) return false;
    at++;
    return true;
  };
  const word = <W extends string>(words: readonly W[], kind: string): W => {
    const start = at;
    const found = take(wordPattern)?.[0] ?? "";
    if ((words as readonly string[]).includes(found)) return found as W;
    at = start;
    throw fail(`unknown ${kind} ${found || "(none)"}`, didYouMean(found, words, `give ${words.join(" | ")}`));
  };

  function readOptions(): Record<string, JsonValue> {
    const options: Record<string, JsonValue> = {};
    take(/\s*/y);
    if (skip(")")) return options;
    do {
      const key = take(keyPattern)?.[1];
      if (key === undefined) throw fail("an option without name=value", "write (name=value, name=value)");
      if (Object.hasOwn(options, key)) throw fail(`option ${key} is given twice`, "give it once");
      const value = take(valuePattern)?.[1];
      if (value === undefined) throw fail(`option ${key} has no value`, `write ${key}=value`);
      options[key] = readValue(value.trim(), fail);
    } while (skip(","));
    if (!skip(")")) throw fail("options without a closing parenthesis", 'write ")" behind the last option');
    return options;
  }

  do {
    const name = take(namePattern);
    if (name === null) throw fail("a pool without a name", "write a method's name, a ./path.js or a package name");
    const options = skip("(") ? readOptions() : {};
    for (;;) {
      if (skip("#")) {
        if (Object.hasOwn(options, "granularity")) throw fail("the granularity is given twice", "give it once");
        options["granularity"] = word(granularities, "granularity");
      } else if (skip("@")) {
        if (level !== undefined) throw fail("the level is given twice", "give it once, at the end");
        level = word(levels, "level");
      } else break;
    }
    links.push({ name: name[1] ?? (name[2] as string), options });
    if (level !== undefined && text[at] === "+")
      throw fail("a level inside a chain", "write it at the end of the chain");
  } while (skip("+"));
  if (at < text.length)
    throw fail(`${JSON.stringify(text[at])} was not expected`, "write NAME(option=value)#granularity+…@level");
  return { text, links, ...given({ level }) };
}

function readValue(text: string, fail: (what: string, remedy: string) => GradpoolError): JsonValue {
  if (text.startsWith('"') || text.startsWith("[")) {
    try {
      return JSON.parse(text) as JsonValue;
    } catch (cause) {
      const error = fail(`${text} cannot be read`, 'write "text", or [1, 2] with numbers');
      error.cause = cause;
      throw error;
    }
  }
  if (text === "true" || text === "false") return text === "true";
  if (text === "null") return null;
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}
