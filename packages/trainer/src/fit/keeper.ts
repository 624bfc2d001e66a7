import type { Snapshot } from "../checkpoint/format.js";
import type { CheckpointStore } from "../checkpoint/store.js";
import { type FitOptions, monitorOf } from "./options.js";
import type { FitState } from "./progress-state.js";

/** Keeps the weights of the best epoch; where epochs are judged by rank, of all that may yet become it. */
export interface Keeper {
  /** After an epoch was judged: `before` was the best epoch until then. */
  keep(state: FitState, before: number | null, snapshot: () => Snapshot): void;
  /** Without a store: those of an epoch that was the best, or may become it. */
  inMemory(epoch: number): Snapshot | null;
  /** The run was resumed with this state. */
  goesOn(state: FitState): void;
  /** The newest checkpoint has been saved. */
  saved(state: FitState): void;
}

export function keeper(options: FitOptions, store: CheckpointStore | null): Keeper {
  const memory = new Map<number, Snapshot>();
  /** What the newest checkpoint names: it will be the one before, and whole where the newest should be damaged. */
  let named: readonly number[] = [];
  const put = (epoch: number, snapshot: Snapshot): null => {
    memory.set(epoch, copyOf(snapshot));
    return null;
  };
  const forgetOthers = (epochs: readonly number[]): void => {
    for (const epoch of memory.keys()) if (!epochs.includes(epoch)) memory.delete(epoch);
  };
  return {
    keep(state, before, snapshot) {
      const { history, epoch, bestEpoch } = state;
      const metrics = history.map((entry) => entry.metrics);
      const monitor = monitorOf(options, Object.keys(metrics.at(-1) ?? {}));
      if (monitor.ranked) {
        const epochs = monitor.candidates(metrics).map((k) => history[k]?.epoch as number);
        const held = (state.candidates ?? []).filter((one) => epochs.includes(one.epoch));
        const save = (): string | null => store?.saveCandidate(epoch, snapshot()) ?? put(epoch, snapshot());
        state.candidates = epochs.includes(epoch) ? [...held, { epoch, digest: save() }] : held;
        if (bestEpoch !== null && bestEpoch !== before) {
          store?.crown(bestEpoch);
          state.bestDigest = state.candidates.find((one) => one.epoch === bestEpoch)?.digest ?? null;
        }
        forgetOthers(epochs);
      } else if (bestEpoch === epoch) {
        if (store === null) put(epoch, snapshot());
        else state.bestDigest = store.saveBest(snapshot());
        forgetOthers([epoch]);
      }
    },
    inMemory: (epoch) => memory.get(epoch) ?? null,
    goesOn(state) {
      named = epochsOf(state);
    },
    saved(state) {
      if (state.candidates === undefined) return;
      const now = epochsOf(state);
      store?.keepCandidates([...named, ...now]);
      named = now;
    },
  };
}

const epochsOf = ({ candidates = [] }: FitState): readonly number[] => candidates.map(({ epoch }) => epoch);

/** A copy in memory: the arrays of a snapshot are live. */
function copyOf(snapshot: Snapshot): Snapshot {
  const arrays = new Map([...snapshot.arrays].map(([name, array]) => [name, array.slice()]));
  return { arrays, json: structuredClone(snapshot.json) };
}
