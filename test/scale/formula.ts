/** Bytes that cross between N machines in one step, as docs/scale.md has them. Numbers are float32 but for Grams and weights, float64. */
export interface Shape {
  /** Tasks. */
  readonly tasks: number;
  /** Machines. */
  readonly machines: number;
  /** Dense parameters that every machine has. */
  readonly dense?: number;
}

export const triangle = (tasks: number): number => (tasks * (tasks + 1)) / 2;

/** One triangle to whoever decides, T weights back, for each other machine. */
export const gramBytes = ({ tasks, machines }: Shape): number => (machines - 1) * 8 * (triangle(tasks) + tasks);

/** T mean losses, T weights back. */
const lossBytes = ({ tasks, machines }: Shape): number => (machines - 1) * 8 * 2 * tasks;

/** All-reduce of one gradient of the dense parameters, over all machines together: 2 (N − 1) P numbers. */
const allReduceBytes = ({ machines, dense = 0 }: Shape): number => 2 * (machines - 1) * 4 * dense;

/** T gradients reduced to where each machine owns a share of their coordinates, one combined gradient gathered from there: (T + 1) (N − 1) P. */
const shardedBytes = ({ tasks, machines, dense = 0 }: Shape): number => (tasks + 1) * (machines - 1) * 4 * dense;

/** A step's bytes by level, beside what rows of tables cost anyhow. */
export const levelBytes = {
  losses: (shape: Shape): number => allReduceBytes(shape) + lossBytes(shape),
  representation: (shape: Shape): number => allReduceBytes(shape) + gramBytes(shape),
  parameters: (shape: Shape): number => shardedBytes(shape) + gramBytes(shape),
} as const;
