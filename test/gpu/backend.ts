import { type BackendName, selectBackend } from "@gradpool/trainer";
import * as tfjs from "@tensorflow/tfjs";
import { afterEach } from "vitest";

/** Tests that name no backend run on this one: there is one tfjs in a process, and it has one backend at a time. */
const name = (process.env["GRADPOOL_TEST_BACKEND"] ?? "node-gpu") as BackendName;

async function select(): Promise<void> {
  const { tf } = await selectBackend(name);
  if (tfjs.getBackend() !== tf.getBackend()) throw new Error(`tests run on ${tfjs.getBackend()}, not on ${name}`);
}

// Before a test file is read: some compute with tensors where tests are only described.
await select();
// Some tests take others for a while.
afterEach(select);
