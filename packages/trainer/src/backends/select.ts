import { GradpoolError } from "@gradpool/core";
import { loaders, type BackendName, type Loaded } from "./loaders.js";

export interface SelectOptions {
  /** Where the choice is said, in one line, once per process and choice. Default: `console.error`; null: nowhere. */
  readonly log?: ((line: string) => void) | null;
}

export interface SelectedBackend extends Loaded {
  readonly name: BackendName;
  /** Why this one: `named`, or what the ones before it lacked. */
  readonly reason: string;
}

const order: readonly BackendName[] = ["node-gpu", "node", "wasm", "cpu"];
const said = new Set<string>();

/**
 * tfjs with the first backend of tfjs-node-gpu → tfjs-node → wasm → cpu that loads, or with the one named. None of the packages
 * is a dependency: what is not installed, or cannot be loaded, is passed over (`auto`) or an error that says why (named).
 */
export async function selectBackend(
  wanted: BackendName | "auto" = "auto",
  options: SelectOptions = {},
): Promise<SelectedBackend> {
  if (wanted !== "auto" && !order.includes(wanted)) {
    throw new GradpoolError({
      code: "invalid-option",
      what: `backend is ${String(wanted)}`,
      where: "selectBackend",
      remedy: `give auto, ${order.join(", ")}`,
    });
  }
  const failures: string[] = [];
  for (const name of wanted === "auto" ? order : [wanted]) {
    try {
      const loaded = await loaders[name]();
      const reason = wanted === "auto" ? failures.join("; ") || "the first choice" : "named";
      announce(`backend ${name} (${loaded.version}): ${reason}`, options);
      return { ...loaded, name, reason };
    } catch (error) {
      if (wanted !== "auto") throw cannotLoad(name, error);
      failures.push(`${name} ${brief(error)}`);
    }
  }
  throw new GradpoolError({
    code: "not-found",
    what: `no tfjs backend loads: ${failures.join("; ")}`,
    where: "selectBackend",
    remedy: "install @tensorflow/tfjs (cpu), and @tensorflow/tfjs-backend-wasm or @tensorflow/tfjs-node for speed",
  });
}

function announce(line: string, { log }: SelectOptions): void {
  if (log === null || said.has(line)) return;
  said.add(line);
  (log ?? console.error)(`gradpool: ${line}`);
}

/** The first line of an error, in a few words. */
function brief(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/Cannot find (package|module) '?@tensorflow/.test(message)) return "is not installed";
  if (/addon module|tfjs_binding/.test(message)) return "has no native library (npx @gradpool/native install)";
  const [line = ""] = message.split("\n");
  return `does not load (${line.length > 120 ? `${line.slice(0, 117)}...` : line})`;
}

function cannotLoad(name: BackendName, cause: unknown): GradpoolError {
  const help: Record<BackendName, string> = {
    "node-gpu": "npm i --ignore-scripts @tensorflow/tfjs-node-gpu, then npx @gradpool/native install --gpu",
    node: "npm i --ignore-scripts @tensorflow/tfjs-node, then npx @gradpool/native install",
    wasm: "npm i @tensorflow/tfjs @tensorflow/tfjs-backend-wasm",
    cpu: "npm i @tensorflow/tfjs",
  };
  return new GradpoolError({
    code: "not-found",
    what: `backend ${name} ${brief(cause)}`,
    where: "selectBackend",
    remedy: `${help[name]}, or let it choose (auto)`,
    cause,
  });
}
