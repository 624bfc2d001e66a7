/** How a time is written. */
interface Written {
  readonly format?: string;
  /** Numbers are so many to a second. */
  readonly scale: number;
}

/** What a directive of `strptime` stands for, and the digits it takes. */
const directives: Readonly<Record<string, readonly [RegExp, "year" | "month" | "day" | "hour" | "minute" | "second"]>> =
  {
    Y: [/^\d{4}/, "year"],
    y: [/^\d{2}/, "year"],
    m: [/^\d{1,2}/, "month"],
    d: [/^\d{1,2}/, "day"],
    H: [/^\d{1,2}/, "hour"],
    M: [/^\d{1,2}/, "minute"],
    S: [/^\d{1,2}/, "second"],
  };

/** A time of a row, in UTC, as `prepare` reads those of source files; undefined: it cannot be read. Of formats numbers alone are known. */
export function readMoment(value: unknown, { format, scale }: Written): Date | undefined {
  if (value instanceof Date) return valid(value);
  const written = String(value).trim();
  if (format !== undefined) return byFormat(written, format);
  const number = Number(written);
  if (written !== "" && Number.isFinite(number)) return valid(new Date(Math.floor(number / scale) * 1000));
  const iso =
    /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s?(Z|UTC|[-+]\d{2}(?::?\d{2})?)?$/;
  const [, year, month, day, hour = "0", minute = "0", second = "0", zone = "Z"] = iso.exec(written) ?? [];
  if (year === undefined) return undefined;
  const [, sign = "+", hours = "0", minutes = "0"] = /^([-+])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  return dateOf({ year, month, day, hour, minute: Number(minute) - offset, second });
}

function byFormat(written: string, format: string): Date | undefined {
  const found: Record<string, string> = {};
  let rest = written;
  for (let at = 0; at < format.length; at++) {
    const sign = format[at] as string;
    if (sign !== "%") {
      if (!rest.startsWith(sign)) return undefined;
      rest = rest.slice(1);
      continue;
    }
    const letter = format[++at] as string;
    const [pattern, part] = directives[letter] ?? [];
    const [digits] = pattern?.exec(rest) ?? [];
    if (digits === undefined || part === undefined) return undefined;
    // As DuckDB: two digits from 69 on are of the last century.
    found[part] = letter === "y" ? String(Number(digits) + (Number(digits) < 69 ? 2000 : 1900)) : digits;
    rest = rest.slice(digits.length);
  }
  return rest === "" ? dateOf(found) : undefined;
}

function dateOf(parts: Readonly<Record<string, string | number | undefined>>): Date | undefined {
  const of = (part: string, standard: number): number => Number(parts[part] ?? standard);
  const [month, day] = [of("month", 1), of("day", 1)];
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return valid(new Date(Date.UTC(of("year", 1900), month - 1, day, of("hour", 0), of("minute", 0), of("second", 0))));
}

const valid = (moment: Date): Date | undefined => (Number.isNaN(moment.getTime()) ? undefined : moment);
