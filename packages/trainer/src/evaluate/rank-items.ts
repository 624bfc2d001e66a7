import { GradpoolError } from "@gradpool/core";
import { beginTopK, type ItemLists, type PairScores, rankTopKBy, type TopK } from "@gradpool/metrics";
import type { Model, TensorModel } from "@gradpool/models";
import type { Engine } from "../engine/contract.js";
import { stopper } from "../event-loop/breathe.js";
import { narrowed, widened } from "./candidates.js";

export interface ItemRankerOptions {
  readonly engine: Engine;
  readonly model: Model;
  /** Whose head scores, for tensor models; others score all tasks alike. */
  readonly task: string;
  /** The items to rank, ascending and each once. Default: all. */
  readonly candidates?: Int32Array;
  /** Ends rankings between two blocks of users, with the error `interrupted`. */
  readonly signal?: AbortSignal | undefined;
}

export interface RankRequest {
  readonly k: number;
  /** Left out of each user's list. Indexed by user, in items of the catalogue. */
  readonly exclude: ItemLists;
  /** What an evaluation will look for; not with candidates. */
  readonly relevant?: ItemLists;
  /** Ks at which to count how often each item is shown; not with candidates. */
  readonly exposure?: readonly number[];
  readonly userIds: Int32Array;
}

export interface BegunRanking {
  /** The lists; the calling thread takes part from now on. Once. */
  finish(): Promise<TopK>;
  /** In place of `finish`: the lists of some users at a time, in their order, while the next are ranked. Left early, it stops. */
  parts(): AsyncGenerator<TopK>;
  /** Ends one that nobody will finish. */
  stop(): void;
}

/** Full rankings by the weights of the moment that it was made. It holds what it precomputed from them, until `dispose`. */
export interface ItemRanker {
  /** Lists of catalogue items, whatever the candidates. */
  rank(request: RankRequest): Promise<TopK>;
  /** The same for callers with other work meanwhile: threads that a ranking is worth are at it from now on. */
  begin(request: RankRequest): BegunRanking;
  /** Scores of chosen items of each user, in their order: the bits that ranking compares. Not with candidates. */
  score(pairs: PairScores): Promise<Float32Array>;
  dispose(): void;
}

/** Error `unsupported`: the model does not rank. */
export function itemRanker(options: ItemRankerOptions): ItemRanker {
  const { engine, model, candidates } = options;
  engine.settle();
  const inner = model.kind === "tensor" ? byHead(options, model) : byVectors(options);
  if (candidates === undefined) return inner;
  const narrow = narrowed(candidates);
  const begin = ({ exclude, ...rest }: RankRequest): BegunRanking => {
    const begun = inner.begin({ ...rest, exclude: narrow(exclude) });
    return {
      finish: async () => widened(await begun.finish(), candidates),
      async *parts() {
        for await (const top of begun.parts()) yield widened(top, candidates);
      },
      stop: begun.stop,
    };
  };
  return {
    rank: async (request) => begin(request).finish(),
    begin,
    score: inner.score,
    dispose: () => inner.dispose(),
  };
}

/** Vectors whose inner products are the scores, as views; null for models that score otherwise. */
export interface Vectors {
  readonly users: Float32Array;
  readonly items: Float32Array;
  readonly dim: number;
}

export function vectorsOf(engine: Engine, model: Model): Vectors | null {
  if (model.kind === "tensor" || model.ranking === undefined) return null;
  const rows = (table: string): Float32Array => engine.representation?.(table) ?? engine.table(table);
  const users = rows(model.ranking.users);
  const named = model.ranking.users;
  const count = model.tables.find((table) => table.name === named)?.rows as number;
  return { users, items: rows(model.ranking.items), dim: users.length / count };
}

function byVectors({ engine, model, candidates, signal }: ItemRankerOptions): ItemRanker {
  const vectors = vectorsOf(engine, model);
  if (vectors === null) throw noRanking(model);
  const items = candidates === undefined ? vectors.items : rowsOf(vectors.items, vectors.dim, candidates);
  const pause = stopper(signal);
  const begin = (request: RankRequest): BegunRanking => {
    const begun = beginTopK({ ...vectors, items, ...request });
    return { finish: () => begun.finish(pause), parts: () => begun.parts(pause), stop: begun.stop };
  };
  return {
    rank: async (request) => begin(request).finish(),
    begin,
    async score(pairs) {
      await pause();
      return innerProducts(vectors, pairs);
    },
    dispose: () => undefined,
  };
}

/** In float32 and in the order of the coordinates, as `rankTopK` sums. */
function innerProducts({ users, items, dim }: Vectors, pairs: PairScores): Float32Array {
  const scores = new Float32Array(pairs.items.length);
  pairs.users.forEach((user, k) => {
    for (let at = pairs.offsets[k] as number; at < (pairs.offsets[k + 1] as number); at++) {
      const item = pairs.items[at] as number;
      let sum = 0;
      for (let d = 0; d < dim; d++) {
        sum = Math.fround(sum + Math.fround((users[user * dim + d] as number) * (items[item * dim + d] as number)));
      }
      scores[at] = sum;
    }
  });
  return scores;
}

function rowsOf(values: Float32Array, dim: number, ids: Int32Array): Float32Array {
  const out = new Float32Array(ids.length * dim);
  ids.forEach((id, k) => out.set(values.subarray(id * dim, (id + 1) * dim), k * dim));
  return out;
}

function byHead({ engine, task, candidates, signal }: ItemRankerOptions, model: TensorModel): ItemRanker {
  if (model.ranking === undefined) throw noRanking(model);
  const { items, users: userCount } = model.ranking;
  const scorer = engine.scorer?.(task);
  if (scorer === undefined) {
    throw new GradpoolError({
      code: "unsupported",
      what: "the engine gives no scores",
      where: "itemRanker",
      remedy: "use the tensor engine for tensor models",
    });
  }
  const itemCount = candidates?.length ?? items;
  let all = new Float32Array(0);
  return scoreRanker({
    users: userCount,
    items: itemCount,
    block: usersAtOnce(items),
    signal,
    score(users, out) {
      if (candidates === undefined) return scorer.score(users, out);
      if (all.length < users.length * items) all = new Float32Array(users.length * items);
      scorer.score(users, all.subarray(0, users.length * items));
      for (let u = 0; u < users.length; u++) {
        for (let k = 0; k < itemCount; k++)
          out[u * itemCount + k] = all[u * items + (candidates[k] as number)] as number;
      }
    },
    dispose: () => scorer.dispose(),
  });
}

export interface ScoreRankerOptions {
  readonly users: number;
  readonly items: number;
  /** Users at a time. Default: as many as make about four million scores. */
  readonly block?: number;
  /** Ends rankings between two blocks, with the error `interrupted`. */
  readonly signal?: AbortSignal | undefined;
  /** Writes the scores of all items for each user: `out[k · items + i]`. */
  score(users: Int32Array, out: Float32Array): void;
  dispose?(): void;
}

/** Users whose lists are given at a time: each part costs a look at what all users leave out. */
const usersInPart = 256;

const usersAtOnce = (items: number): number => Math.max(1, Math.floor((4 << 20) / items));

/** A ranker by any scores, such as popularity. */
export function scoreRanker(options: ScoreRankerOptions): ItemRanker {
  const { users: userCount, items: itemCount, block = usersAtOnce(itemCount), score, dispose } = options;
  const pause = stopper(options.signal);
  let scores = new Float32Array(0);
  async function scoreAll(users: Int32Array): Promise<Float32Array> {
    await pause();
    if (scores.length < users.length * itemCount) scores = new Float32Array(users.length * itemCount);
    const some = scores.subarray(0, users.length * itemCount);
    score(users, some);
    return some;
  }
  async function scorePairs({ users, offsets, items }: PairScores): Promise<Float32Array> {
    const out = new Float32Array(items.length);
    for (let from = 0; from < users.length; from += block) {
      const some = users.subarray(from, from + block);
      const all = await scoreAll(some);
      for (let k = 0; k < some.length; k++) {
        for (let at = offsets[from + k] as number; at < (offsets[from + k + 1] as number); at++)
          out[at] = all[k * itemCount + (items[at] as number)] as number;
      }
    }
    return out;
  }
  const rank = (request: RankRequest): Promise<TopK> =>
    rankTopKBy({ userCount, itemCount, block, ...request, score: scoreAll });
  async function* parts({ userIds, ...request }: RankRequest): AsyncGenerator<TopK> {
    for (let from = 0; from < userIds.length; from += usersInPart)
      yield await rank({ ...request, userIds: userIds.subarray(from, from + usersInPart) });
  }
  return {
    rank,
    // Scores are made on the calling thread alone.
    begin: (request) => ({ finish: () => rank(request), parts: () => parts(request), stop: () => undefined }),
    score: scorePairs,
    dispose: () => dispose?.(),
  };
}

const noRanking = (model: Model): GradpoolError =>
  new GradpoolError({
    code: "unsupported",
    what: `${model.name} does not score items for users`,
    where: "ranking",
    remedy: "choose a model with `ranking`, or score rows with its predictions",
  });
