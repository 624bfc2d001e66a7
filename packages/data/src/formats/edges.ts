import { given } from "@gradpool/core";
import { problem } from "../errors.js";
import { name } from "../tables/duck.js";
import { readEdges, readLinks } from "../tables/edges.js";
import type { DataFormat } from "./reader.js";

/**
 * One file of `user item` pairs a behaviour. With `valid` and `test` the target's parts are the ones given: pairs of
 * the test file are tested, those of the validation file (and not in test) validate, the rest trains, whether or not
 * the target's own file lists them. Nothing is split at random then.
 */
export const edges: DataFormat = {
  name: "edges",
  takes: { behaviors: "NAME=FILE", valid: "FILE", test: "FILE", social: "FILE", encoding: "NAME" },
  describe:
    "a file a behaviour: pairs, any white space or comma, a third column kept; valid and test if the target comes split",
  async read(reading) {
    const { behaviors, valid, test, social } = reading.options;
    const files = Object.entries(Array.isArray(behaviors) ? {} : (behaviors ?? {}));
    const names = files.map(([behavior]) => behavior);
    if (names.length === 0) {
      throw problem("usage", "no behaviour given", "behaviors", "edges reads a file for each behaviour, e.g. buy=FILE");
    }
    const main = reading.target ?? (names.includes("buy") ? "buy" : names[0]);
    const raw: string[] = [];
    const parts: string[] = [];
    const add = async (path: string, behavior: number, part?: 1 | 2): Promise<void> => {
      const table = reading.fresh("edges");
      await readEdges(reading, path, table);
      raw.push(`SELECT ${behavior}::USMALLINT AS b, u, i, NULL::DOUBLE AS t, v FROM ${name(table)}`);
      if (part) parts.push(`SELECT ${part}::UTINYINT AS part, u, i FROM ${name(table)}`);
    };
    for (const [b, [, paths]] of files.entries()) {
      for (const path of [paths].flat() as string[]) await add(path, b);
    }
    const index = names.findIndex((behavior) => behavior === main);
    if (index >= 0 && valid !== undefined) await add(valid, index, 1);
    if (index >= 0 && test !== undefined) await add(test, index, 2);
    return {
      behaviors: names,
      raw: `(${raw.join(" UNION ALL ")})`,
      timed: false,
      valued: true,
      ...given({
        given: parts.length === 0 ? undefined : `(${parts.join(" UNION ALL ")})`,
        social: social === undefined ? undefined : await readLinks(reading, social, reading.fresh("links")),
      }),
    };
  },
};
