import type { Tensor, TensorOps, Tensors } from "@gradpool/models";
import type { Place } from "./groups.js";
import type { Statistics } from "./statistics.js";
import type { DenseStore } from "./store.js";

/** The dense variables and the statistics on the device, by name: what the model's functions may see. Uploaded when asked for. */
export interface DeviceVariables {
  trunk(): Tensors;
  heads(): Tensors;
}

/** Uploads them when they have changed since the last time. */
export function deviceVariables(
  tf: TensorOps,
  store: DenseStore,
  statistics: Statistics,
): DeviceVariables & { dispose(): void } {
  let version = -1;
  const held = new Map<Place, Tensors>();

  function drop(): void {
    for (const tensors of held.values()) tf.dispose(tensors);
    held.clear();
  }

  function get(place: Place): Tensors {
    const now = store.version + statistics.version;
    if (version !== now) drop();
    version = now;
    const known = held.get(place);
    if (known !== undefined) return known;
    const out: Record<string, Tensor> = {};
    for (const { name, shape } of store.placed(place)) {
      // A copy: backends may keep the array they are given, and the store goes on writing to its own.
      out[name] = tf.keep(tf.tensor(store.values(name).slice(), [...shape], "float32"));
    }
    for (const { name, shape } of statistics.placed(place)) {
      out[name] = tf.keep(tf.tensor((statistics.values(name) as Float32Array).slice(), [...shape], "float32"));
    }
    held.set(place, out);
    return out;
  }

  return { trunk: () => get("trunk"), heads: () => get("heads"), dispose: drop };
}
