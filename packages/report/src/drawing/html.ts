declare const brand: unique symbol;

/** Text that is HTML already: it came from {@link markup}, or from a drawing that the DOM serialised. */
export interface Html {
  readonly [brand]: true;
  toString(): string;
}

/** What may stand in a template: text and numbers become text, HTML stays HTML, lists are joined. */
export type Part = string | number | Html | readonly Part[];

const made = new WeakSet<object>();

/** Vouches that a text is HTML: for the page's own style and script, and for what a DOM serialised. */
export function trusted(text: string): Html {
  const held = { toString: () => text };
  made.add(held);
  return held as Html;
}

/**
 * HTML with text put into it, in elements or between quotes of an attribute: whatever is not HTML by type is escaped, so that a
 * label, a number or anything else that a results file holds is text by construction.
 */
export function markup(fixed: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return trusted(fixed.map((text, k) => text + (k < parts.length ? textOf(parts[k] as Part) : "")).join(""));
}

/** Several pieces one after the other. */
export const joined = (parts: readonly Html[], between: string = ""): Html =>
  trusted(parts.map(String).join(escape(between)));

export const nothing: Html = trusted("");

export const isEmpty = (part: Html): boolean => String(part).trim() === "";

function textOf(part: Part): string {
  if (Array.isArray(part)) return part.map((one: Part) => textOf(one)).join("");
  // By what made it, not by its look: a results file's object with a `toString` is no HTML.
  return typeof part === "object" && part !== null && made.has(part) ? String(part) : escape(String(part));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML text or attribute value. */
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => entities[found] as string);

/** JSON that can stand in a script element: no `</script>` and no comment can be in it. */
export const embed = (value: unknown): Html => trusted(JSON.stringify(value).replaceAll("<", "\\u003c"));

/** A name that can stand in an id and a file's name. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "") || "x";
