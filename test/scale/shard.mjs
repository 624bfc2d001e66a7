/**
 * A process that owns some blocks of rows of the tables, as scale.test.ts starts it: holds their weights, adds up the tasks' gradients
 * of them, answers with partial Grams, applies weights. What it is told and what it answers is counted by the other end.
 */
let rows = new Map();
let gradients = new Map();
let layout = { tasks: 0, dim: 0, rate: 0 };
let blockOf = () => 0;

const triangle = (tasks) => (tasks * (tasks + 1)) / 2;

const handlers = {
  /** `blocks`: id → rows by id, the weights as they start. */
  own({ blocks, tasks, dim, rate, rowsPerBlock }) {
    rows = new Map(blocks.flatMap(([, list]) => list.map(([row, values]) => [row, Float64Array.from(values)])));
    layout = { tasks, dim, rate };
    blockOf = (row) => Math.floor(row / rowsPerBlock);
    return null;
  },
  /** The rows that a batch reads: `ids` → their weights, one after the other. */
  gather({ ids }) {
    const out = new Float32Array(ids.length * layout.dim);
    ids.forEach((id, k) => out.set(rows.get(id), k * layout.dim));
    return { values: out };
  },
  /** Each task's gradients of rows: `tasks[t]` is { ids, values }. Adds them up. */
  scatter({ tasks }) {
    gradients = new Map();
    tasks.forEach(({ ids, values }, t) => {
      ids.forEach((id, k) => {
        if (!gradients.has(id))
          gradients.set(
            id,
            Array.from({ length: layout.tasks }, () => new Float64Array(layout.dim)),
          );
        const sum = gradients.get(id)[t];
        for (let c = 0; c < layout.dim; c++) sum[c] += values[k * layout.dim + c];
      });
    });
    return null;
  },
  /**
   * The partial Gram of its blocks [first, first + count), count a power of two: blocks by themselves, each from its rows in order, then
   * added up two by two. One triangle, whatever the number of rows and blocks.
   */
  gram({ first, count }) {
    const size = triangle(layout.tasks);
    const leaves = Array.from({ length: count }, () => new Float64Array(size));
    for (const id of [...gradients.keys()].sort((a, b) => a - b)) {
      const leaf = leaves[blockOf(id) - first];
      const own = gradients.get(id);
      for (let i = 0, at = 0; i < layout.tasks; i++)
        for (let j = 0; j <= i; j++, at++) {
          let sum = 0;
          for (let c = 0; c < layout.dim; c++) sum += own[i][c] * own[j][c];
          leaf[at] += sum;
        }
    }
    let level = leaves;
    while (level.length > 1)
      level = Array.from({ length: level.length / 2 }, (_, k) => level[2 * k].map((x, at) => x + level[2 * k + 1][at]));
    return { gram: level[0] };
  },
  /** One step with Σ wᵢ gᵢ. */
  apply({ weights }) {
    for (const [id, own] of gradients) {
      const row = rows.get(id);
      for (let c = 0; c < layout.dim; c++) {
        let sum = 0;
        for (let t = 0; t < layout.tasks; t++) sum += weights[t] * own[t][c];
        row[c] -= layout.rate * sum;
      }
    }
    return null;
  },
  weights: () => ({ rows: [...rows].sort(([a], [b]) => a - b).map(([id, values]) => [id, [...values]]) }),
};

process.on("message", ({ name, ...message }) => process.send(handlers[name](message) ?? {}));
