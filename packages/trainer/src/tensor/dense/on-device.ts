import type { Tensor, TensorOps, Tensors } from "@gradpool/models";
import type { DenseStore } from "./store.js";

/** The dense variables on the device, by name: what the model's functions may see. Uploaded when asked for. */
export interface DeviceVariables {
  shared(): Tensors;
  head(task: string): Tensors;
}

/** Uploads the variables when they have changed since the last time. */
export function deviceVariables(tf: TensorOps, store: DenseStore): DeviceVariables & { dispose(): void } {
  let version = -1;
  const held = new Map<string | null, Tensors>();

  function drop(): void {
    for (const tensors of held.values()) tf.dispose(tensors);
    held.clear();
  }

  function get(owner: string | null): Tensors {
    if (version !== store.version) drop();
    ({ version } = store);
    const known = held.get(owner);
    if (known !== undefined) return known;
    const out: Record<string, Tensor> = {};
    for (const { name, shape } of owner === null ? store.shared : store.head(owner)) {
      // A copy: backends may keep the array they are given, and the store goes on writing to its own.
      out[name] = tf.keep(tf.tensor(store.values(name).slice(), [...shape], "float32"));
    }
    held.set(owner, out);
    return out;
  }

  return { shared: () => get(null), head: get, dispose: drop };
}
