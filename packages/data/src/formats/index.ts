import type { Format } from "../options.js";
import type { Context, Staged } from "../prepare/context.js";
import { readAmazon } from "./amazon.js";
import { readColumns } from "./columns.js";
import { readEdgesFormat } from "./edges.js";
import { readMovielens } from "./movielens.js";
import { readRecbole } from "./recbole.js";
import { readEpinions, readLastfm } from "./social.js";
import { readTaobao } from "./taobao.js";
import { readWechat } from "./wechat.js";

/** One reader a format: source files → staged relations. */
export const readers: Readonly<Record<Format, (context: Context) => Promise<Staged>>> = {
  taobao: readTaobao,
  edges: readEdgesFormat,
  recbole: readRecbole,
  movielens: readMovielens,
  amazon: readAmazon,
  epinions: readEpinions,
  lastfm: readLastfm,
  wechat: readWechat,
  csv: readColumns,
  parquet: readColumns,
};
