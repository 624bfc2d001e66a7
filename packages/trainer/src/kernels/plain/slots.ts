import type { Kernels } from "../contract.js";

/* The twins of assembly/slots.ts, statement by statement. */

const hashOf = (id: number, shift: number): number => Math.imul(id, 0x9e3779b1) >>> shift;

export const slotKernels: Pick<Kernels, "locate" | "rehash" | "sortSlots"> = {
  locate(ids, count, rows, { cells: hash, shift, slotIds, used: held }, slots) {
    let used = held;
    const mask = 0xffffffff >>> shift;
    for (let k = 0; k < count; k++) {
      const id = ids[k] as number;
      if (id < 0 || id >= rows) return -1 - k;
      let h = hashOf(id, shift);
      for (;;) {
        const key = hash[2 * h] as number;
        if (key === id) {
          slots[k] = hash[2 * h + 1] as number;
          break;
        }
        if (key === -1) {
          hash[2 * h] = id;
          hash[2 * h + 1] = used;
          slotIds[used] = id;
          slots[k] = used++;
          break;
        }
        h = (h + 1) & mask;
      }
    }
    return used;
  },
  rehash({ cells: hash, shift, slotIds, used }) {
    const mask = 0xffffffff >>> shift;
    for (let slot = 0; slot < used; slot++) {
      const id = slotIds[slot] as number;
      let h = hashOf(id, shift);
      while (hash[2 * h] !== -1) h = (h + 1) & mask;
      hash[2 * h] = id;
      hash[2 * h + 1] = slot;
    }
  },
  sortSlots(slotIds, used, _rows, order) {
    for (let k = 0; k < used; k++) order[k] = k;
    order.subarray(0, used).sort((a, b) => (slotIds[a] as number) - (slotIds[b] as number));
  },
};
