import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "@gradpool/files";
import { cardSchema, type ModelCard } from "./schema.js";

/** What a card is called, for programs and for people. */
const names = { json: "card.json", text: "card.md" } as const;

/** `card.json`, and the same to read in `card.md`. */
export function writeCard(folder: string, card: ModelCard): void {
  writeWhole(join(folder, names.json), `${JSON.stringify(card, null, 2)}\n`);
  writeWhole(join(folder, names.text), readable(card));
}

/** The card in a folder; null where there is none that is whole. */
export function readCard(folder: string): ModelCard | null {
  const path = join(folder, names.json);
  if (!existsSync(path)) return null;
  let held: unknown;
  try {
    held = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const { success, data } = cardSchema.safeParse(held);
  return success ? data : null;
}

const number = (value: number | null | undefined): string => value?.toFixed(4) ?? "-";
const whole = (value: number): string => value.toLocaleString("en-US");
/** Names of tasks and the like are anybody's: none of them ends a cell or a line. */
const cell = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
const plain = (value: unknown): string =>
  cell(
    JSON.stringify(value)
      .replaceAll(/["{}[\]]/g, "")
      .replaceAll(",", ", "),
  );

function readable({
  model,
  pool,
  tasks,
  weights,
  metrics,
  data,
  configuration,
  limits,
  environment,
  followed,
}: ModelCard): string {
  const rows = Object.entries(metrics).flatMap(([task, own]) =>
    Object.entries(own).map(([metric, { value, why = "", lower, upper, users }]) => {
      const interval = lower === undefined ? why : `${number(lower)} … ${number(upper)}`;
      return `| ${cell(task)} | ${metric} | ${number(value)} | ${cell(interval)} | ${users === undefined ? "" : whole(users)} |`;
    }),
  );
  const list = (entries: Readonly<Record<string, unknown>>): string =>
    Object.entries(entries)
      .map(([name, value]) => `- ${cell(name)}: ${typeof value === "string" ? cell(value) : plain(value)}`)
      .join("\n");
  const of = weights.of === "best" ? `epoch ${weights.epoch ?? "?"}, the best on validation` : "the newest epoch";
  return `# ${cell(model)}, balanced by ${cell(pool)}

Tasks: ${tasks.map(cell).join(", ")}. ${whole(weights.parameters)} parameters, weights of ${of}.

## Metrics on ${followed === undefined ? "the test part" : `${cell(followed.last)}, before it was learnt from`}

| task | metric | value | 95 % over users | users |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

## Data

${whole(data.users)} users, ${whole(data.items)} items, target ${cell(data.target)}; hash ${data.hash}.

${list({ ...data.counts, ...(data.split === null ? {} : { split: data.split }) })}

## Configuration

${list(configuration)}

## Limits

${limits.map((limit) => `- ${limit}`).join("\n")}

## Made with

${list(environment)}
`;
}
