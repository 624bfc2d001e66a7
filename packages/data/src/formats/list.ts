import { problem } from "../errors.js";
import { amazon } from "./amazon.js";
import { census } from "./census.js";
import { csv } from "./csv.js";
import { edges } from "./edges.js";
import { epinions } from "./epinions.js";
import { lastfm } from "./lastfm.js";
import { mind } from "./mind.js";
import { movielens } from "./movielens.js";
import { parquet } from "./parquet.js";
import { published } from "./published.js";
import type { DataFormat } from "./reader.js";
import { recbole } from "./recbole.js";
import { taobao } from "./taobao.js";
import { wechat } from "./wechat.js";

/** The built-in formats, in the order that help and messages list them. */
export const formats: readonly DataFormat[] = [
  taobao,
  edges,
  recbole,
  movielens,
  amazon,
  epinions,
  lastfm,
  wechat,
  ...published,
  mind,
  census,
  csv,
  parquet,
];

/** The built-in format of this name, or the format that was given itself. */
export function formatOf(asked: string | DataFormat): DataFormat {
  const found = typeof asked === "string" ? formats.find(({ name }) => name === asked) : asked;
  if (found) return found;
  const known = formats.map(({ name }) => name).join(", ");
  throw problem("usage", `the format is "${String(asked)}"`, "format", `give one of ${known}`);
}
