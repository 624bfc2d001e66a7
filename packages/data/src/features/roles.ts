/** What is told of a column to guess what it is for. */
interface Seen {
  readonly name: string;
  readonly filled: number;
  readonly distinct: number;
}

type Role = "user" | "item" | "time" | "weight";

/** Whole names. */
const exact: Readonly<Record<Role, RegExp>> = {
  user: /^(user|uid|customer|visitor|viewer|listener|reader|member|buyer|client|account|e_?mail)(_?id)?$/i,
  item: /^(item|iid|sku|product|article|movie|video|film|news|ad|song|track|feed|photo|book|post|listing)(_?id)?$/i,
  time: /^(time|timestamp|ts|datetime|time_ms|event_time|created_at|date)$/i,
  weight: /^(weight|sample_weight)$/i,
};

/** Words that begin a name of several, as in `product, name`: what follows must name the thing, not say something of it. */
const things = {
  user: /^(user|customer|visitor|viewer|listener|reader|member|buyer|client|account)$/,
  item: /^(item|product|article|movie|video|film|song|track|book|listing)$/,
} as const;
const naming = /^(id|ids|name|title|mail|email|key|code|no|nr|number|uuid|sku)$/;

const wordsOf = (name: string): readonly string[] =>
  name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");

/** A handful of values in many rows are kinds of something: `client` is then a program, not a customer. */
const isFew = ({ distinct, filled }: Seen): boolean => distinct <= 10 && filled > 1000;

/** The column that a role's names fit: a whole name before one of several words. */
export function roleOf(role: Role, columns: readonly Seen[]): string | undefined {
  const able = role === "user" || role === "item" ? columns.filter((column) => !isFew(column)) : columns;
  const whole = able.find(({ name }) => exact[role].test(wordsOf(name).join("_")) || exact[role].test(name));
  if (whole !== undefined || (role !== "user" && role !== "item")) return whole?.name;
  return able.find(({ name }) => {
    const [first = "", ...rest] = wordsOf(name);
    return things[role].test(first) && rest.length > 0 && rest.every((word) => naming.test(word));
  })?.name;
}
