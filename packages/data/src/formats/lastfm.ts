import { given } from "@gradpool/core";
import { readDelimited } from "../tables/delimited.js";
import { readEdges, readLinks } from "../tables/edges.js";
import type { Column } from "../tables/kinds.js";
import { checkFolder, findFile, needFile } from "../tables/sources.js";
import { onlyInput } from "./inputs.js";
import type { DataFormat, Reading, Staged } from "./reader.js";

const common = { behaviors: ["listen"], timed: false, valued: true } as const;
const row = "SELECT 0::UTINYINT AS b, u, i, NULL::DOUBLE AS t, v FROM";

/** HetRec's own files, with headers. */
async function readHetrec(reading: Reading, folder: string, listens: string): Promise<Staged> {
  const id = (name: string): Column => ({ name, kind: "id", required: true });
  const layout = { delimiter: "\t", header: 1, unquoted: true } as const;
  const columns: readonly Column[] = [id("user"), id("item"), { name: "weight", kind: "number" }];
  const select = `"user" AS u, item AS i, weight AS v`;
  await readDelimited(reading, [listens], { ...layout, columns }, { table: "listens", select });
  const friends = await findFile(folder, ["user_friends.dat"]);
  if (friends !== undefined) {
    const ends = [id("l"), id("r")];
    await readDelimited(reading, [friends], { ...layout, columns: ends }, { table: "friends", select: "l, r" });
  }
  return { ...common, raw: `(${row} listens)`, ...given({ social: friends && "friends" }) };
}

/**
 * Last.fm in either layout: HetRec's own (`user_artists.dat`, `user_friends.dat`, with headers), or `train.txt`,
 * `test.txt` (`user item count`) and `trust.txt`. The given test part is kept unless another `split` of all pairs is
 * asked for. The behaviour is `listen`, its value the play count.
 */
export const lastfm: DataFormat = {
  name: "lastfm",
  takes: { input: "DIR", encoding: "NAME" },
  describe: "user_artists.dat and user_friends.dat, or train.txt, test.txt and trust.txt: play counts and friends",
  async read(reading) {
    const folder = await checkFolder(onlyInput(reading, lastfm));
    const listens = await findFile(folder, ["user_artists.dat"]);
    if (listens !== undefined) return readHetrec(reading, folder, listens);
    await readEdges(reading, await needFile(folder, ["train.txt"]), "train_rows");
    const test = await findFile(folder, ["test.txt"]);
    if (test !== undefined) await readEdges(reading, test, "test_rows");
    const trust = await findFile(folder, ["trust.txt"]);
    return {
      ...common,
      raw: test === undefined ? `(${row} train_rows)` : `(${row} train_rows UNION ALL ${row} test_rows)`,
      ...given({
        given: test && "(SELECT 2::UTINYINT AS part, u, i FROM test_rows)",
        social: trust === undefined ? undefined : await readLinks(reading, trust, "trust"),
      }),
    };
  },
};
