/** Pieces of Markdown that are generated, and where they go in a text that is otherwise written by hand. */

const cell = (text) => String(text).replaceAll("|", "\\|");

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
export function table(head, rows) {
  const line = (cells) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${" --- |".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

/** Replaces the body of the section under `## heading`: `write` gets what is there, trimmed. */
export function replaceSection(text, heading, write, file) {
  const start = text.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`${file} has no section "${heading}" (sync): add the line "## ${heading}" to it`);
  const from = start + `\n## ${heading}\n`.length;
  const next = text.indexOf("\n## ", from);
  const to = next < 0 ? text.length : next;
  return `${text.slice(0, from)}\n${write(text.slice(from, to).trim())}\n${text.slice(to)}`;
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
export function replaceMarked(text, name, content, file) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from)
    throw new Error(`${file} has no ${open} … ${close} (sync): put both lines where the list goes`);
  return `${text.slice(0, from + open.length)}\n\n${content}\n\n${text.slice(to)}`;
}
