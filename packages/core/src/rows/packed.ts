/**
 * Numbers per table row, for tables of any size: a hash table with linear probing in plain typed arrays, so that it can
 * be saved and restored bit for bit and costs (4 + 8 × width) bytes per slot, at most half of the slots filled.
 */
export interface PackedRows {
  readonly width: number;
  readonly count: number;
  /** A power of two long; a row id, or -1 for an empty slot. */
  readonly keys: Int32Array;
  /** keys.length × width. */
  readonly values: Float64Array;
}

const smallest = 16;

export function packedRows(width: number, slots: number = smallest): PackedRows {
  return { width, count: 0, keys: new Int32Array(slots).fill(-1), values: new Float64Array(slots * width) };
}

/** The slot of a row: its own, or the empty one where it would go. */
function slotOf(keys: Int32Array, id: number): number {
  const mask = keys.length - 1;
  const hash = Math.imul(id ^ (id >>> 16), 0x9e3779b1);
  let slot = (hash ^ (hash >>> 15)) & mask;
  for (;;) {
    const key = keys[slot] as number;
    if (key === id || key === -1) return slot;
    slot = (slot + 1) & mask;
  }
}

export interface RowWriter {
  /** Copies a row into `out`; false if it was never written. */
  read(id: number, out: Float64Array): boolean;
  write(id: number, value: ArrayLike<number>): void;
  done(): PackedRows;
}

/** Reads and writes rows: in place where the arrays were donated, in copies made at the first write where not. */
export function writeRows(rows: PackedRows, donated: boolean): RowWriter {
  const { width } = rows;
  let { count, keys, values } = rows;
  let own = donated;

  function grow(): void {
    const next = packedRows(width, keys.length * 2);
    keys.forEach((id, from) => {
      if (id === -1) return;
      const slot = slotOf(next.keys, id);
      next.keys[slot] = id;
      for (let k = 0; k < width; k++) next.values[slot * width + k] = values[from * width + k] as number;
    });
    ({ keys, values } = next);
  }

  return {
    read(id, out) {
      const slot = slotOf(keys, id);
      if (keys[slot] !== id) return false;
      for (let k = 0; k < width; k++) out[k] = values[slot * width + k] as number;
      return true;
    },
    write(id, value) {
      if (!own) {
        own = true;
        keys = keys.slice();
        values = values.slice();
      }
      let slot = slotOf(keys, id);
      if (keys[slot] !== id) {
        if (2 * (count + 1) > keys.length) {
          grow();
          slot = slotOf(keys, id);
        }
        keys[slot] = id;
        count++;
      }
      for (let k = 0; k < width; k++) values[slot * width + k] = value[k] as number;
    },
    done: () => ({ width, count, keys, values }),
  };
}
