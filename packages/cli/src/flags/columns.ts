import { type ColumnNames, splitOutside } from "@gradpool/data";
import { usageError } from "../terminal/errors.js";

const where = "gradpool prepare";

/** `a=1,b=2` → entries; only the names in `known` may occur. */
export function entriesOf(
  written: string,
  flag: string,
  known: readonly string[],
  more = "",
): Readonly<Record<string, string>> {
  const entries = splitOutside(written, ",").map((part) => {
    const at = part.indexOf("=");
    const name = part.slice(0, at).trim();
    if (at < 1 || !known.includes(name)) {
      throw usageError(`${flag} has "${part}"`, where, `give NAME=VALUE with the names ${known.join(", ")}${more}`);
    }
    return [name, part.slice(at + 1).trim()] as const;
  });
  const names = entries.map(([name]) => name);
  const twice = names.find((name, k) => names.indexOf(name) < k);
  if (twice !== undefined)
    throw usageError(`${flag} has ${twice} twice`, where, "give it once: labels and features are joined, label=A+B");
  return Object.fromEntries(entries);
}

const one = ["user", "item", "behavior", "time", "value", "category", "weight"] as const;
const several = ["label", "features", "numbers", "users", "items"] as const;

/** A name in double quotes is that name, whatever signs are in it. */
const bare = (written: string): string => written.trim().replaceAll('"', "");

/** Which column holds what, as `--columns` writes it: `item="track, as shown",label=click+"sold, paid"`. */
export function columnsOf(written: string): ColumnNames {
  const quotes = '; a name with a comma or a plus in it stands in double quotes, item="a, b", or in a --schema';
  const entries = entriesOf(written, "--columns", [...one, ...several], quotes);
  if ((written.split('"').length - 1) % 2 === 1)
    throw usageError(`--columns has a quote that does not end: ${written}`, where, 'write item="a, b"');
  const lists: readonly string[] = several;
  const named = Object.entries(entries).map(([role, value]) =>
    lists.includes(role) && value.includes('"')
      ? ([role, splitOutside(value, "+").map(bare)] as const)
      : ([role, bare(value)] as const),
  );
  const { user = "", item = "", ...rest } = Object.fromEntries(named) as Partial<ColumnNames>;
  return { user, item, ...rest };
}
