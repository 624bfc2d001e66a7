import { threadedLayers } from "./layers.js";
import { threadedProducts } from "./products.js";
import type { Part, Team } from "./team.js";
import type { Accumulators, Kernels, OptimizedRows, TouchedRows } from "../kernels/contract.js";
import { at, configuration, type List } from "../kernels/wasm.js";

/** Kernels whose work is shared out, by rows of what they write. */
type Threaded = Pick<
  Required<Kernels>,
  | "gather"
  | "gatherWhile"
  | "gatherPooled"
  | "addPooled"
  | "scatter"
  | "gram"
  | "rowNorms"
  | "expand"
  | "combine"
  | "configure"
  | "correct"
  | "applyApart"
  | "applyTasks"
  | "applyValues"
  | "catchUp"
>;

/**
 * The kernels of `alone` on the threads of a team, bit for bit: rows are shared out, and no row's arithmetic depends on another's.
 * Sums over rows (Grams) are added up by this thread, from terms that the threads wrote, in the order in which one thread adds.
 */
export function threadedKernels(alone: Kernels, team: Team, list: List): Kernels {
  return {
    ...alone,
    ...blockKernels(alone, team),
    ...sumKernels(alone, team, list),
    ...updateKernels(alone, team, list),
    ...threadedProducts(alone, team),
    ...threadedLayers(alone, team),
  };
}

function blockKernels(
  alone: Kernels,
  team: Team,
): Pick<Threaded, "gather" | "gatherWhile" | "gatherPooled" | "addPooled" | "scatter"> {
  const gatherWhile: Threaded["gatherWhile"] = (meanwhile, table, ids, count, dim, out) => {
    const parts = team.cut(count, 4 * dim);
    if (parts === null) {
      meanwhile?.();
      alone.gather(table, ids, count, dim, out);
      return;
    }
    const [rows, from, to] = [table, ids, out].map(at) as [number, number, number];
    team.each(
      parts.map((p) => ["gather", rows, from + 4 * p.from, p.to - p.from, dim, to + 4 * dim * p.from]),
      meanwhile,
    );
  };

  return {
    gatherWhile,
    gather: (table, ids, count, dim, out) => gatherWhile(undefined, table, ids, count, dim, out),
    gatherPooled(table, ids, pooling, count, dim, out) {
      const parts = team.cut(count, 4 * dim);
      if (parts === null) return alone.gatherPooled(table, ids, pooling, count, dim, out);
      const [rows, from, offsets, to] = [table, ids, pooling.offsets, out].map(at) as [number, number, number, number];
      const mean = Number(pooling.mean);
      team.each(
        parts.map(({ from: first, to: last }) => {
          const into = to + 4 * dim * first;
          return ["gatherPooled", rows, from, offsets + 4 * first, last - first, dim, mean, into];
        }),
      );
    },
    addPooled(table, ids, pooling, count, dim, out) {
      const parts = team.cut(count, 4 * dim);
      if (parts === null) return alone.addPooled(table, ids, pooling, count, dim, out);
      const { offsets, weights = null } = pooling;
      const [rows, from, starts, of, to] = [table, ids, offsets, weights, out].map(at) as Five;
      team.each(
        parts.map(({ from: first, to: last }) => {
          const into = to + 4 * dim * first;
          return ["addPooled", rows, from, starts + 4 * first, of, last - first, dim, into];
        }),
      );
    },
    scatter(block, into) {
      const { gradient, slots, count, dim, scale } = block;
      const parts = team.cut(count, 4 * dim);
      if (parts === null) return alone.scatter(block, into);
      const stride = 4 * into.tasks;
      const positions = at(into.positions) + 4 * into.task;
      const used = team.wasm.claim(at(slots), count, positions, stride, into.used);
      // By the last bits of the slots: those of one shard are spread evenly over the lookup. Each reads all slots, so there are few.
      const shards = 2 ** Math.ceil(Math.log2(team.threads));
      const [from, of, sum] = [gradient, slots, into.sum].map(at) as [number, number, number];
      const bad = team.each(
        Array.from({ length: shards }, (_, shard) => {
          return ["scatterShard", from, of, count, dim, positions, stride, sum, scale, shards - 1, shard] as const;
        }),
      );
      return bad.subarray(0, shards).some((result) => result !== 0) ? -1 : used;
    },
  };
}

function sumKernels(
  alone: Kernels,
  team: Team,
  list: List,
): Pick<Threaded, "gram" | "rowNorms" | "expand" | "combine"> {
  /** Parts of the slots of some accumulators. */
  const slotsOf = ({ used, tasks, dim }: Accumulators): ReturnType<Team["cut"]> =>
    team.cut(used, 4 * dim * Math.min(2, tasks));

  return {
    gram(of, detail, out) {
      const parts = slotsOf(of);
      const { positions, tasks, sums, dim, used } = of;
      if (parts === null) return alone.gram(of, detail, out);
      const normsOnly = Number(detail.normsOnly);
      const held = at(positions);
      const slot = 4 * tasks;
      if (detail.ranks !== null) {
        const ranks = at(detail.ranks);
        const [pointers, to] = [list(sums), at(out)];
        team.later(
          parts.map(({ from, to: end }) => {
            const own = [pointers, dim, normsOnly, ranks + 4 * from, 1, to];
            return ["gram", held + slot * from, end - from, tasks, ...own];
          }),
        );
        return;
      }
      const width = 8 * (detail.normsOnly ? tasks : (tasks * (tasks + 1)) / 2);
      const room = team.need(width * (used + parts.length));
      const termsOf = ({ from, k }: Part): number => room + width * (from + k);
      const pointers = list(sums);
      const result = at(out);
      team.later(
        parts.map((part) => {
          const { from, to } = part;
          return ["gramTerms", held + slot * from, to - from, tasks, pointers, dim, normsOnly, termsOf(part)];
        }),
        () => {
          for (const part of parts) team.wasm.addGram(part.to - part.from, tasks, normsOnly, termsOf(part), result);
        },
      );
    },
    rowNorms(of, ranks, out) {
      const parts = ranks === null ? null : slotsOf(of);
      if (parts === null) return alone.rowNorms(of, ranks, out);
      const { positions, tasks, sums, dim } = of;
      const [held, order, to] = [at(positions), at(ranks), at(out)];
      const pointers = list(sums);
      team.later(
        parts.map(({ from, to: end }) => {
          return ["rowNorms", held + 4 * tasks * from, end - from, tasks, pointers, dim, order + 4 * from, to];
        }),
      );
    },
    expand(of, task, order, out) {
      const parts = order === null ? null : slotsOf(of);
      if (parts === null) return alone.expand(of, task, order, out);
      const { positions, tasks, sums, dim } = of;
      const [held, visited, to] = [at(positions) + 4 * task, at(order), at(out)];
      const sum = at(sums[task] as Float32Array);
      team.each(
        parts.map(({ from, to: end }) => {
          return ["expand", held, 4 * tasks, end - from, sum, dim, visited + 4 * from, to + 4 * dim * from];
        }),
      );
    },
    combine(of, by, order, places, out) {
      const parts = slotsOf(of);
      if (parts === null) return alone.combine(of, by, order, places, out);
      const { positions, tasks, sums, dim } = of;
      const [held, visited, weights, placed, to] = [positions, order, by.weights, places, out].map(at) as Five;
      const step = by.perRow ? 4 * tasks : 0;
      const pointers = list(sums);
      team.each(
        parts.map(({ from, to: end }) => {
          // Without an order, slots are visited as they come: those of a part begin further down in all that is by slot.
          const skip = order === null ? from : 0;
          const read = [held + 4 * tasks * skip, end - from, order === null ? 0 : visited + 4 * from, tasks, pointers];
          const into = placed === 0 ? [0, to + 4 * dim * skip] : [placed + 4 * skip, to];
          return ["combineRows", ...(read as Five), weights + step * from, Number(by.perRow), dim, ...into];
        }),
      );
    },
  };
}

type Five = [number, number, number, number, number];

const bytesOf = ({ first, second, dim }: OptimizedRows): number =>
  4 * dim * (1 + Number(first !== null) + Number(second !== null));

/** Weights and state of a table. */
const placesOf = ({ weights, first, second }: OptimizedRows): [number, number, number] => [
  at(weights),
  at(first),
  at(second),
];

function updateKernels(
  alone: Kernels,
  team: Team,
  list: List,
): Pick<Threaded, "configure" | "correct" | "applyApart" | "applyTasks" | "applyValues" | "catchUp"> {
  const cutRows = (rows: OptimizedRows, { used, order }: TouchedRows): ReturnType<Team["cut"]> =>
    order === null ? null : team.cut(used, bytesOf(rows));

  return {
    configure: (constants) => team.configure("configure", configuration(constants)),
    correct: (stepSize, root) => team.configure("correct", [stepSize, root]),
    applyTasks(rows, touched, of, by, buffer, bound = Infinity) {
      const parts = cutRows(rows, touched);
      if (parts === null) return alone.applyTasks(rows, touched, of, by, buffer, bound);
      const { dim } = rows;
      const own = team.need(4 * dim * parts.length);
      const table = placesOf(rows);
      const [ids, order, positions, weights] = [touched.slotIds, touched.order, of.positions, by.weights].map(at) as [
        number,
        number,
        number,
        number,
      ];
      const step = by.perRow ? 4 * of.tasks : 0;
      const sums = [positions, of.tasks, list(of.sums)];
      team.later(
        parts.map(({ from, to, k }) => {
          const weighed = [weights + step * from, Number(by.perRow), dim, own + 4 * dim * k, bound];
          return ["applyTasks", ...table, ids, to - from, order + 4 * from, ...sums, ...weighed];
        }),
      );
    },
    applyApart(rows, touched, of, weights, by) {
      const { dim, weights: table, first, second, counts } = rows;
      const { order, slotIds, used } = touched;
      const parts = order === null ? null : team.cut(used, 4 * dim * (1 + of.tasks));
      if (parts === null) return alone.applyApart(rows, touched, of, weights, by);
      const held = [table, first, second, counts].map(at);
      const sums = [at(of.positions), of.tasks, list(of.sums)];
      const rest = [at(weights), at(by.sizes), at(by.roots), by.last, dim];
      const [ids, visited] = [at(slotIds), at(order)];
      team.later(
        parts.map(({ from, to }) => ["applyApart", ...held, ids, to - from, visited + 4 * from, ...sums, ...rest]),
      );
    },
    applyValues(rows, touched, values, scale = 1, bound = Infinity) {
      const { slotIds, order, used } = touched;
      const parts = team.cut(used, bytesOf(rows));
      if (parts === null) return alone.applyValues(rows, touched, values, scale, bound);
      const { dim } = rows;
      const [ids, visited, gradients] = [slotIds, order, values].map(at) as [number, number, number];
      const table = placesOf(rows);
      team.later(
        parts.map(({ from, to }) => {
          const which = order === null ? [ids + 4 * from, to - from, 0] : [ids, to - from, visited + 4 * from];
          return ["applyValues", ...table, ...which, gradients + 4 * dim * from, dim, scale, bound];
        }),
      );
    },
    catchUp(rows, lag, ids, count, buffer) {
      const parts = team.cut(count, bytesOf(rows));
      if (parts === null) return alone.catchUp(rows, lag, ids, count, buffer);
      const { dim } = rows;
      const [weights, first, second] = placesOf(rows);
      const [last, listed, sizes, roots] = [lag.last, ids, lag.stepSizes, lag.roots].map(at) as [
        number,
        number,
        number,
        number,
      ];
      const own = team.need(8 * dim * parts.length);
      team.each(
        parts.map(({ from, to, k }) => {
          // All rows: those of a part begin where its part of the table does.
          const skip = ids === null ? from : 0;
          const table = [weights, first, second].map((place) => (place === 0 ? 0 : place + 4 * dim * skip));
          const which = ids === null ? 0 : listed + 4 * from;
          const replayed = [lag.until, sizes, roots, dim, own + 8 * dim * k];
          return ["catchUp", ...(table as [number, number, number]), last + 4 * skip, which, to - from, ...replayed];
        }),
      );
    },
  };
}
