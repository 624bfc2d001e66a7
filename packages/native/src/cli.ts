#!/usr/bin/env node
import { parseArgs } from "node:util";
import { GradpoolError, isGradpoolError } from "@gradpool/core";
import { reason } from "./error.js";
import { help } from "./help.js";
import type { InstallResult } from "./install.js";
import { install } from "./install.js";
import { progressPrinter } from "./progress.js";
import type { PackageStatus } from "./status.js";
import { status } from "./status.js";
import { uninstall } from "./uninstall.js";

const say = (line: string): void => void process.stderr.write(`gradpool-native: ${line}\n`);

const describe = ({ tensorflow, device }: NonNullable<PackageStatus["check"]>): string =>
  `TensorFlow ${tensorflow} computes on the ${device}`;

function describeInstall(result: InstallResult): string {
  const what = result.action === "already" ? "already in place" : `installed in ${result.seconds} s`;
  const missing =
    result.gpu && result.check.device === "cpu"
      ? "; no GPU or driver was seen, so it computes on the CPU until there is one"
      : "";
  return `${result.package}: TensorFlow ${result.tensorflow} ${what} (${result.directory}); matmul and gradient checked on the ${result.check.device}${missing}`;
}

function describeStatus(entry: PackageStatus): string {
  const words = {
    absent: "not installed",
    empty: "installed without its library: run install",
    ours: "library put there by gradpool-native",
    other: "library of its own install script",
  };
  const health = entry.check === undefined ? (entry.problem ?? "") : describe(entry.check);
  return `${entry.package}: ${words[entry.library]}${health === "" ? "" : `; ${health}`}`;
}

const options = {
  gpu: { type: "boolean", default: false },
  tensorflow: { type: "string" },
  wheel: { type: "string" },
  via: { type: "string", default: "auto" },
  cwd: { type: "string" },
  force: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  debug: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

const usage = (what: string, where: string, cause?: unknown): GradpoolError =>
  new GradpoolError({ code: "usage", what, where, remedy: "see --help", cause });

function parse(
  argv: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw usage(reason(error).replace(/\.? To specify .*$/, ""), "arguments", error);
  }
}

async function run(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv);
  const [command, ...rest] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(help);
    if (!values.help) throw usage("no subcommand", "arguments");
    return;
  }
  if (rest.length > 0) throw usage(`unexpected argument ${rest[0]}`, command);
  if (!["auto", "https", "pip"].includes(values.via))
    throw usage(`unknown way ${values.via}; known: auto, https, pip`, "--via");
  if (values.tensorflow !== undefined && !/^\d+\.\d+/.test(values.tensorflow))
    throw usage(`${values.tensorflow} is no version`, "--tensorflow");
  const { gpu, force, json } = values;
  const cwd = values.cwd ?? process.cwd();
  const print = (value: unknown, lines: string): void =>
    void process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${lines}\n`);

  if (command === "install") {
    const named = {
      ...(values.tensorflow === undefined ? {} : { tensorflow: values.tensorflow }),
      ...(values.wheel === undefined ? {} : { wheel: values.wheel }),
    };
    const via = values.via as "auto" | "https" | "pip";
    const result = await install({
      cwd,
      gpu,
      force,
      via,
      signal,
      onStep: say,
      onProgress: progressPrinter(process.stderr),
      ...named,
    });
    print(result, describeInstall(result));
  } else if (command === "uninstall") {
    const result = await uninstall({ cwd, gpu });
    const before = result.restored ? "; what was there before is back" : "";
    print(
      result,
      result.action === "removed"
        ? `${result.package}: removed${before} (${result.directory})`
        : `${result.package}: nothing of gradpool-native there`,
    );
  } else if (command === "status") {
    const result = await status({ cwd, signal });
    print(result, result.map(describeStatus).join("\n"));
  } else throw usage(`unknown subcommand ${command}; known: install, uninstall, status`, "arguments");
}

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(name, () =>
    interrupt.abort(
      new GradpoolError({
        code: "interrupted",
        what: `stopped by ${name}`,
        where: "install",
        remedy: "nothing was changed; run it again",
      }),
    ),
  );

try {
  await run(process.argv.slice(2), interrupt.signal);
} catch (error) {
  say(isGradpoolError(error) ? error.message : reason(error));
  if (process.argv.includes("--debug") && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = isGradpoolError(error) && error.code === "usage" ? 2 : 1;
}
