import type { Kernels } from "../kernels/contract.js";
import type { Rows } from "../kernels/graph.js";
import { at } from "../kernels/wasm.js";
import type { Part, Team } from "./team.js";

type Products = Pick<Kernels, "propagate" | "propagatePlanes" | "spreadPlanes" | "toPlanes">;

/** Bytes of a node in a plane. */
const line = 64;
/** Edges of a node where nobody counts them. */
const usualDegree = 8;

/** Sparse products on a team: rows of what comes out are shared out; where edges write to any row, planes are. */
export function threadedProducts(alone: Kernels, team: Team): Products {
  /** Parts of `count` nodes by what their edges read. */
  function cut({ offsets }: Rows, only: Int32Array | null, count: number, dim: number): readonly Part[] | null {
    const edges = only === null ? (offsets[count] as number) / count : usualDegree;
    return team.cut(count, 4 * dim * (1 + edges));
  }

  /** Where the nodes of a part are read from: a part of all nodes begins further down in the offsets, one of some in their list. */
  const nodesFrom = (offsets: number, only: number, { from, to }: Part): readonly [number, number, number] =>
    only === 0 ? [offsets + 4 * from, 0, to - from] : [offsets, only + 4 * from, to - from];

  return {
    propagate(matrix, only, count, x, dim, base, scale, out) {
      const parts = cut(matrix, only, count, dim);
      if (parts === null) return alone.propagate(matrix, only, count, x, dim, base, scale, out);
      const [offsets, indices, values] = edgesOf(matrix);
      const [chosen, rows, under, to] = [only, x, base, out].map(at) as [number, number, number, number];
      team.each(
        parts.map((part) => {
          const [first, nodes, length] = nodesFrom(offsets, chosen, part);
          const added = under === 0 || only !== null ? under : under + 4 * dim * part.from;
          return [
            "propagate",
            first,
            indices,
            values,
            nodes,
            length,
            rows,
            dim,
            added,
            scale,
            to + 4 * dim * part.from,
          ];
        }),
      );
    },
    propagatePlanes(matrix, only, count, x, dim, all, base, scale, out, flat) {
      const parts = cut(matrix, only, count, dim);
      if (parts === null) return alone.propagatePlanes(matrix, only, count, x, dim, all, base, scale, out, flat);
      const [offsets, indices, values] = edgesOf(matrix);
      const [chosen, planes, under, to] = [only, x, base, out].map(at) as [number, number, number, number];
      const plane = line * all;
      const wide = { base: flat.base ? 4 * dim : line, out: flat.out ? 4 * dim : line };
      team.each(
        parts.map((part) => {
          const [first, nodes, length] = nodesFrom(offsets, chosen, part);
          const added = under === 0 || only !== null ? under : under + wide.base * part.from;
          const read = [first, indices, values, nodes, length, planes, plane, dim] as const;
          const written = [to + wide.out * part.from, flat.out ? 0 : plane] as const;
          return ["propagatePlanes", ...read, added, flat.base ? 0 : plane, scale, ...written];
        }),
      );
    },
    spreadPlanes(matrix, only, count, g, dim, all, out, wide) {
      const shared = team.cut(count, 4 * dim * usualDegree) !== null && dim > line / 4;
      if (!shared) return alone.spreadPlanes(matrix, only, count, g, dim, all, out, wide);
      const [offsets, indices, values] = edgesOf(matrix);
      const [chosen, from, to] = [only, g, out].map(at) as [number, number, number];
      const sums = [at(wide?.places ?? null), at(wide?.sums ?? null)] as const;
      team.each(
        Array.from({ length: (4 * dim) / line }, (_, k) => {
          const columns = [line * k, line * (k + 1)] as const;
          const read = [offsets, indices, values, chosen, count, from, dim] as const;
          return ["spreadPlanes", ...read, to, line * all, ...sums, ...columns];
        }),
      );
    },
    toPlanes(x, only, count, dim, all, out) {
      const parts = only === null ? team.cut(count, 4 * dim) : null;
      if (parts === null) return alone.toPlanes(x, only, count, dim, all, out);
      const [rows, to] = [x, out].map(at) as [number, number];
      team.each(
        parts.map(({ from, to: end }) => {
          return ["toPlanes", rows + 4 * dim * from, 0, end - from, dim, line * all, to + line * from];
        }),
      );
    },
  };
}

const edgesOf = ({ offsets, indices, values }: Rows): [number, number, number] => [
  at(offsets),
  at(indices),
  at(values),
];
