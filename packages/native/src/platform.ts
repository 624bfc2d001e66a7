import { failure } from "./error.js";

/** What decides which wheel fits this machine. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** The C library's version, as `"2.36"`; undefined where it is not glibc (Alpine's musl). */
  readonly glibc: string | undefined;
}

export function thisMachine(): Machine {
  const report = process.report.getReport() as unknown as { header?: { glibcVersionRuntime?: string } };
  return { platform: process.platform, arch: process.arch, glibc: report.header?.glibcVersionRuntime };
}

/** The `x86_64`/`aarch64` of wheel names; throws where TensorFlow publishes no library that this package can use. */
export function wheelArch(machine: Machine, gpu: boolean): "x86_64" | "aarch64" {
  const where = `${machine.platform}-${machine.arch}`;
  const elsewhere = "use @tensorflow/tfjs-backend-wasm, or the package's own install script";
  if (machine.platform !== "linux")
    throw failure(
      "unsupported",
      "only Linux is supported: elsewhere the wheel's library has another layout",
      where,
      elsewhere,
    );
  if (machine.glibc === undefined)
    throw failure(
      "unsupported",
      "TensorFlow's wheels need glibc",
      `${where}, musl`,
      "use a Debian-based image, or @tensorflow/tfjs-backend-wasm",
    );
  if (machine.arch === "x64") return "x86_64";
  if (machine.arch === "arm64" && !gpu) return "aarch64";
  throw failure(
    "unsupported",
    `TensorFlow publishes no ${gpu ? "GPU " : ""}wheel for this processor`,
    where,
    elsewhere,
  );
}
