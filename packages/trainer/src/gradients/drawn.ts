import type {
  Combined,
  CrossGram,
  GramSet,
  Granularity,
  GroupWeights,
  TaskGradients,
  Validation,
} from "@gradpool/core";
import type { JoinedGradients } from "./join.js";

/** How the rows of a step's J are laid out: those of `batches` batches of `tasks` tasks, then, where there is one more place, the validation gradient. */
export interface Places {
  readonly tasks: number;
  readonly batches: number;
  readonly places: number;
}

/** Weights of all places, and those that take no part: what they alone touched is not touched. */
interface LeavingWeights extends GroupWeights {
  readonly left: readonly number[];
}

/** The gradients of a step's batches, each as a pool takes it, over the same parameters and touched rows. */
export interface DrawnGradients {
  readonly batches: readonly TaskGradients[];
  /** The target's gradient of held-out examples; call it only where there are some. */
  validation(): Validation;
  /** What a pool made of one batch's gradients, or of the mean of several, as a combination of all of them. */
  whole(combined: Combined): Combined;
}

/**
 * Cuts what a step computed in one go (a row of J for each place) into batches. The Gram of all places is computed
 * once: its blocks are the batches' Grams and cross-Grams, and its last row is the validation gradient's.
 */
export function drawnApart(all: JoinedGradients, draws: Places): DrawnGradients {
  const { tasks, batches: count } = draws;
  const firsts = new Map<TaskGradients, number>();
  const own = new WeakMap<Combined, GroupWeights & { readonly first: number }>();

  function batch(first: number): TaskGradients {
    const present = all.present.slice(first, first + tasks);
    const gradients: TaskGradients = {
      tasks,
      present,
      parameters: all.parameters,
      gram: (granularity, detail = "gram") => blockOf(all.gram(granularity, detail), first, present),
      cross: (other, granularity) => crossOf(all, [first, firsts.get(other) as number], granularity, tasks),
      values: (parameter) => all.values(parameter).slice(first, first + tasks),
      combine(weights) {
        const mine = { ...weights, first };
        const combined: Combined = {
          weights,
          value: (name) => all.combine(spread(weights.granularity, [mine])).value(name),
        };
        own.set(combined, mine);
        return combined;
      },
      assemble: (values) => all.assemble(values),
    };
    firsts.set(gradients, first);
    return gradients;
  }

  /** Weights of some batches' gradients, shared out among them, and which places they leave alone. */
  function spread(
    granularity: Granularity,
    parts: readonly { readonly weights: Float64Array; readonly first: number }[],
  ): LeavingWeights {
    const { places } = draws;
    const groups = (parts[0]?.weights.length ?? 0) / tasks;
    const out = new Float64Array(groups * places);
    for (const { weights, first } of parts) {
      for (let g = 0; g < groups; g++) {
        for (let i = 0; i < tasks; i++) out[g * places + first + i] = (weights[g * tasks + i] as number) / parts.length;
      }
    }
    const taken = (place: number): boolean => parts.some(({ first }) => place >= first && place < first + tasks);
    const left = Array.from({ length: places }, (_, place) => place).filter((place) => !taken(place));
    return { granularity, weights: out, left };
  }

  return {
    batches: Array.from({ length: count }, (_, b) => batch(b * tasks)),
    validation() {
      const at = count * tasks;
      const { norms, cosines } = all.gram("model");
      const norm = norms[at] as number;
      const dots = Float64Array.from({ length: tasks }, (_, j) => {
        return norm * (norms[j] as number) * (cosines[at * draws.places + j] as number);
      });
      return { norm, dots };
    },
    whole(combined) {
      const parts = (combined.mean ?? [combined]).map((part) => own.get(part));
      const known = parts.flatMap((part) => part ?? []);
      const granularity = known[0]?.granularity ?? "model";
      // Made of something else, such as coordinates: its values say what it is.
      if (known.length < parts.length || known.some((part) => part.granularity !== granularity)) return combined;
      return all.combine(spread(granularity, known));
    },
  };
}

/** The Gram of the places from `first` on. */
function blockOf(all: GramSet, first: number, present: readonly boolean[]): GramSet {
  const tasks = present.length;
  const { granularity, blocks, size, tasks: places } = all;
  const norms = new Float64Array(size * tasks);
  const cosines = new Float64Array(all.cosines.length === 0 ? 0 : size * tasks * tasks);
  for (let g = 0; g < size; g++) {
    norms.set(all.norms.subarray(g * places + first, g * places + first + tasks), g * tasks);
    if (cosines.length > 0) copyBlock(all, g, [first, first], cosines, tasks);
  }
  return { granularity, tasks, present, blocks, size, norms, cosines };
}

/** J₁J₂ᵀ of two batches. */
function crossOf(
  { gram, present }: JoinedGradients,
  [one, other]: readonly [number, number],
  granularity: Granularity,
  tasks: number,
): CrossGram {
  const all = gram(granularity);
  const { blocks, size, tasks: places } = all;
  const norms = new Float64Array(size * tasks);
  const others = new Float64Array(size * tasks);
  const cosines = new Float64Array(size * tasks * tasks);
  for (let g = 0; g < size; g++) {
    norms.set(all.norms.subarray(g * places + one, g * places + one + tasks), g * tasks);
    others.set(all.norms.subarray(g * places + other, g * places + other + tasks), g * tasks);
    copyBlock(all, g, [one, other], cosines, tasks);
  }
  const both = Array.from({ length: tasks }, (_, i) => present[one + i] === true && present[other + i] === true);
  return { granularity, tasks, present: both, blocks, size, norms, others, cosines };
}

/** Rows from `row`, columns from `column` of one group's cosines. */
function copyBlock(
  { cosines, tasks: places }: GramSet,
  group: number,
  [row, column]: readonly [number, number],
  out: Float64Array,
  tasks: number,
): void {
  for (let i = 0; i < tasks; i++) {
    const from = (group * places + row + i) * places + column;
    out.set(cosines.subarray(from, from + tasks), (group * tasks + i) * tasks);
  }
}
