import type { PairLayer, PairNetwork, Scorer, TensorOps } from "@gradpool/models";
import { type Beside, beside, sharedBy } from "../backends/beside.js";
import type { Arena, Region } from "../memory/arena.js";
import type { Crew } from "../threads/crew.js";
import { partsOf } from "../threads/team.js";
import type { Unit } from "../threads/rounds.js";

/** What it may hold beside: larger catalogues are scored in tensors. */
const mostBytes = 2 ** 29;
/** Items that the kernel takes at a time. */
const itemsAtOnce = 64;
/** Scores that are made before they are handed out. */
const scoresAtOnce = 2 ** 21;

const widthOf = ({ bias }: PairLayer): number => bias.length;

/**
 * Scores of a pair network by a kernel of ours, on the threads of the step: all layers of some items at a time, in caches. On tfjs'
 * WebAssembly these are the bits that tensors would give. `null`: too large, or a backend with a library of its own.
 */
export function pairKernel(tf: TensorOps, network: PairNetwork, crew: Crew | undefined): Scorer | null {
  if (!["wasm", "cpu"].includes(tf.getBackend()) || bytesOf(network) > mostBytes) return null;
  return sharedBy(crew, () => scorerOn(beside(), network));
}

const widestOf = ({ deep, tower }: PairNetwork): number => Math.max(...[...deep.layers, ...tower].map(widthOf));

function bytesOf({ users, items, dim, deep }: PairNetwork): number {
  const first = widthOf(deep.layers[0] as PairLayer);
  return 4 * (users + items) * (first + dim);
}

/** Stretches of one region, which is had and given back whole. */
function stretches(
  arena: Arena,
  floats: readonly number[],
): { readonly region: Region; readonly at: readonly number[] } {
  const line = 16;
  const starts: number[] = [];
  let total = 0;
  for (const count of floats) {
    starts.push(total);
    total += line * Math.ceil(count / line);
  }
  return { region: arena.allocate(4 * total), at: starts };
}

function scorerOn({ arena, kernels, left, right }: Beside, network: PairNetwork): Scorer {
  const { users: userCount, items, dim, factors, deep, tower } = network;
  const [first, ...bottom] = deep.layers as [PairLayer, ...PairLayer[]];
  const [top, ...rest] = tower as [PairLayer, ...PairLayer[]];
  const [h, t, widest] = [widthOf(first), widthOf(top), widestOf(network)];
  const inner = [...bottom, ...rest];
  const plan = 12 + 3 * inner.length;
  const units = 4 * (arena.team?.threads ?? 1);
  const step = Math.max(1, Math.floor(scoresAtOnce / items));
  const scratch = dim * t + 3 * itemsAtOnce * widest;
  const copied = [
    factors.users,
    factors.items,
    top.weight,
    top.bias,
    ...inner.flatMap(({ weight, bias }) => [weight, bias]),
  ];
  const { region, at } = stretches(arena, [
    plan,
    userCount * h,
    items * h,
    units * scratch,
    step * items,
    ...copied.map(({ length }) => length),
  ]);
  const stretch = (k: number, length: number): Float32Array => region.f32.subarray(at[k], (at[k] as number) + length);
  const address = (k: number): number => region.f32.byteOffset + 4 * (at[k] as number);
  const [ofPlan, ofUsers, ofItems, ofScratch, ofScores, ofFactors] = [0, 1, 2, 3, 4, 5] as const;
  /** After the users' factors: the items', the tower's first layer, and the others. */
  const [ofItemFactors, ofTop, ofTopBias, ofLayers] = [6, 7, 8, 9] as const;

  copied.forEach((values, k) => stretch(ofFactors + k, values.length).set(values));
  bring(ofUsers, userCount, deep.users, first.weight.subarray(0, dim * h));
  bring(ofItems, items, deep.items, first.weight.subarray(dim * h));
  addToRows(stretch(ofItems, items * h), first.bias, items);
  const deepWeight = address(ofTop) + 4 * dim * t;
  const fixed = [address(ofItems), address(ofItemFactors), address(ofTop), deepWeight, address(ofTopBias)];
  const layers = inner.flatMap((layer, k) => [
    address(ofLayers + 2 * k),
    address(ofLayers + 1 + 2 * k),
    widthOf(layer),
  ]);
  region.i32.set([items, dim, h, ...fixed, t, widest, bottom.length, rest.length, ...layers], at[ofPlan]);

  /** What rows bring to the deep part's first layer: rows · weight. */
  function bring(to: number, count: number, rows: Float32Array, weight: Float32Array): void {
    left.need(4 * rows.length).f32.set(rows);
    right.need(4 * weight.length).f32.set(weight);
    kernels.product(left.region.f32, count, dim, right.region.f32, h, null, false, stretch(to, count * h));
  }

  function scoreSome(ids: Int32Array): void {
    const calls = partsOf(ids.length, Math.min(units, ids.length)).map(({ from, to, k: unit }): Unit =>
      Array.from({ length: to - from }, (_, j) => {
        const k = from + j;
        const brought = address(ofUsers) + 4 * h * (ids[k] as number);
        const room = address(ofScratch) + 4 * scratch * unit;
        return [
          "scorePairs",
          address(ofPlan),
          brought,
          address(ofFactors) + 4 * dim * (ids[k] as number),
          room,
          address(ofScores) + 4 * items * k,
        ];
      }),
    );
    arena.team?.run(calls);
  }

  return {
    score(all, out) {
      for (let from = 0; from < all.length; from += step) {
        const ids = all.subarray(from, from + step);
        scoreSome(ids);
        out.set(stretch(ofScores, ids.length * items), from * items);
      }
    },
    dispose: () => arena.free(region),
  };
}

/** Adds a row to all rows. */
function addToRows(rows: Float32Array, row: Float32Array, count: number): void {
  const width = row.length;
  for (let r = 0; r < count; r++) {
    for (let c = 0; c < width; c++) rows[r * width + c] = (rows[r * width + c] as number) + (row[c] as number);
  }
}
