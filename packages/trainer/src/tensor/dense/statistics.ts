import type { ForwardContext, StatisticSpec, Tensor } from "@gradpool/models";
import { startValues } from "../../parameters/start.js";
import { restoreArray, type StateArray } from "../../parameters/state.js";
import type { Place } from "./groups.js";

/** What layers keep of the batches that they saw, on the host. */
export interface Statistics {
  placed(place: Place): readonly StatisticSpec[];
  /** Counts the changes: what was read before is stale once it moves. */
  readonly version: number;
  /** Undefined: there is none of this name. */
  values(name: string): Float32Array | undefined;
  /** What one step's forward pass says of them. */
  book(): StatisticBook;
  state(): ReadonlyMap<string, StateArray>;
  restore(arrays: ReadonlyMap<string, StateArray>): void;
  readonly bytes: number;
}

export interface StatisticBook {
  readonly note: ForwardContext["observe"];
  /** Downloads what was noted. Call it while the step's tensors live. */
  read(): void;
  /** Moves the statistics by what was read. */
  apply(): void;
}

interface Observation {
  readonly name: string;
  readonly share: number;
  readonly value: Tensor;
}

export function statisticsOf(
  specs: readonly StatisticSpec[],
  initial: ReadonlyMap<string, Float32Array> | undefined,
): Statistics {
  const held = new Map(specs.map((spec) => [spec.name, startOf(spec, initial)]));
  const keyOf = (name: string): string => `statistic/${name}`;
  let version = 0;

  function book(): StatisticBook {
    const noted: Observation[] = [];
    let read: { readonly into: Float32Array; readonly share: number; readonly values: ArrayLike<number> }[] = [];
    return {
      note: (name, value, share) => void noted.push({ name, value, share }),
      read() {
        read = noted.map(({ name, share, value }) => {
          return { into: held.get(name) as Float32Array, share, values: value.dataSync().slice() };
        });
      },
      apply() {
        if (read.length > 0) version++;
        for (const { into, share, values } of read) {
          into.forEach((x, k) => (into[k] = (1 - share) * x + share * (values[k] as number)));
        }
      },
    };
  }

  return {
    placed: (place) => specs.filter((spec) => spec.place === place),
    get version() {
      return version;
    },
    values: (name) => held.get(name),
    book,
    state: () => new Map([...held].map(([name, values]) => [keyOf(name), values])),
    restore(arrays) {
      version++;
      for (const [name, into] of held) restoreArray(arrays, keyOf(name), into);
    },
    bytes: [...held.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
  };
}

function startOf({ name, shape, start }: StatisticSpec, initial: ReadonlyMap<string, Float32Array> | undefined) {
  const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
  startValues(values, { name, shape, init: { kind: "constant", value: start } }, 0, initial);
  return values;
}
