import type { Kernels } from "../kernels/contract.js";
import { at } from "../kernels/wasm.js";
import type { Part, Team } from "./team.js";

/** Multiply-adds that take as long as a byte of a row that is read. */
const perByte = 4;
/** Rows of a tile: parts are whole ones, or a part's last rows would go one by one. */
const tile = 4;

/** Dense products on a team: rows of what comes out are shared out. Each coordinate is a sum in one order, whatever part it falls into. */
export function threadedLayers(alone: Kernels, team: Team): Pick<Kernels, "product" | "outer"> {
  /** Parts of `rows` rows of so many multiply-adds each. */
  const cut = (rows: number, each: number): readonly Part[] | null =>
    team
      .cut(Math.ceil(rows / tile), (tile * each) / perByte)
      ?.map(({ from, to, k }) => ({ from: tile * from, to: Math.min(rows, tile * to), k })) ?? null;

  return {
    product(x, count, inner, m, columns, bias, add, out) {
      const parts = cut(count, inner * columns);
      if (parts === null) return alone.product(x, count, inner, m, columns, bias, add, out);
      const [rows, by, shift, to] = [x, m, bias, out].map(at) as [number, number, number, number];
      team.each(
        parts.map(({ from, to: end }) => {
          const first = rows + 4 * inner * from;
          return ["product", first, end - from, inner, by, columns, shift, Number(add), to + 4 * columns * from];
        }),
      );
    },
    outer(y, count, m, x, n, totals) {
      const parts = cut(m, count * n);
      if (parts === null) return alone.outer(y, count, m, x, n, totals);
      const [left, right, sums] = [y, x, totals].map(at) as [number, number, number];
      team.each(parts.map(({ from, to }) => ["outer", left, count, m, from, to, right, n, sums]));
    },
  };
}
