import { receiveMessageOnPort, type MessagePort, workerData } from "node:worker_threads";
import type { WasmExports } from "../kernels/exports.js";
import { webAssembly } from "../kernels/webassembly.js";
import {
  ASLEEP,
  CONSTANTS,
  constantsOf,
  constantsWidth,
  finishUnit,
  leftOf,
  type NewMemory,
  type Role,
  type Shared,
  spin,
  STOPPED,
  takeUnit,
  TICKET,
  UP,
} from "./protocol.js";

/** A worker of a crew; bundled into src/generated/worker.ts by tsup.config.mjs. It never returns to its event loop. */
const { shared, role, port } = workerData as {
  readonly shared: Shared;
  readonly role: Role;
  readonly port: MessagePort;
};
const { words } = shared;
const instances: WasmExports[] = [];
let constants = 0;

function kernelsOf(arena: number): WasmExports {
  for (;;) {
    const known = instances[arena];
    if (known !== undefined) return known;
    // What the leader said before it handed out the call is there.
    const { message } = receiveMessageOnPort(port) as { readonly message: NewMemory };
    const { memory } = message;
    const instance = new webAssembly.Instance(shared.kernels, { env: { memory, abort: () => undefined } });
    instances[message.arena] = instance.exports as WasmExports;
    configure(message.arena);
  }
}

function configure(arena: number): void {
  for (const name of ["configure", "correct"] as const) {
    const { at, count } = constantsOf[name];
    const from = arena * constantsWidth + at;
    instances[arena]?.[name](...(shared.constants.subarray(from, from + count) as unknown as [number, number]));
  }
}

/**
 * Milliseconds. Rounds follow each other closely within a step, and steps within a drawing of batches: looking for the next round is
 * cheaper than being woken, which takes some 35 µs, and now and then much longer, on the core of the one who wakes.
 */
const patience = 0.5;

const handedOut = (): boolean => leftOf(Atomics.load(words, TICKET)) > 0;

function awaitRound(): void {
  if (spin(handedOut, patience)) return;
  const ticket = Atomics.load(words, TICKET);
  if (leftOf(ticket) > 0) return;
  Atomics.add(words, ASLEEP, 1);
  if (Atomics.load(words, STOPPED) === 0) Atomics.wait(words, TICKET, ticket);
  Atomics.sub(words, ASLEEP, 1);
}

Atomics.add(words, UP, 1);
while (Atomics.load(words, STOPPED) === 0) {
  const unit = takeUnit(words, role.front);
  if (unit < 0) {
    awaitRound();
    continue;
  }
  const now = Atomics.load(words, CONSTANTS);
  if (now !== constants) for (const arena of instances.keys()) configure(arena);
  constants = now;
  finishUnit(shared, unit, kernelsOf);
}
