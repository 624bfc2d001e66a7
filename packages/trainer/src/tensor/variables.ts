import type { Tensor, TensorModel, TensorOps, Tensors } from "@gradpool/models";
import type { DenseStore } from "./dense-store.js";

/** The dense variables on the device, by name; `shared` and `head(task)` are what the model's functions may see. */
export interface DeviceVariables {
  readonly shared: Tensors;
  head(task: string): Tensors;
}

/** Uploads the variables when they have changed since the last time. */
export function deviceVariables(
  tf: TensorOps,
  model: TensorModel,
  store: DenseStore,
): { current(): DeviceVariables; dispose(): void } {
  let version = -1;
  let tensors: Tensor[] = [];
  let held: DeviceVariables | undefined;

  function upload(owner: string | null): Tensors {
    const out: Record<string, Tensor> = {};
    for (const { name, shape } of owner === null ? store.shared : store.head(owner)) {
      // A copy: backends may keep the array they are given, and the store goes on writing to its own.
      const tensor = tf.keep(tf.tensor(store.values(name).slice(), [...shape], "float32"));
      tensors.push(tensor);
      out[name] = tensor;
    }
    return out;
  }

  return {
    current() {
      if (held !== undefined && version === store.version) return held;
      tf.dispose(tensors);
      tensors = [];
      version = store.version;
      const heads = new Map(model.tasks.map(({ name }) => [name, upload(name)]));
      held = { shared: upload(null), head: (task) => heads.get(task) as Tensors };
      return held;
    },
    dispose() {
      tf.dispose(tensors);
      tensors = [];
      held = undefined;
    },
  };
}
