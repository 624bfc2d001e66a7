/**
 * Every check of the workspace, on a workspace that is set up: format, lint, types, arrows, generated files, unused code,
 * sizes, the site with the API reference, all tests with coverage. All of them run whatever fails; the last line counts tests, and each of the other checks as one.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const scratch = mkdtempSync(join(tmpdir(), "gradpool-check-"));
const report = join(scratch, "vitest.json");

/** Name and command, the long ones first; output is shown when the check fails. */
const checks = [
  ["format", "prettier", ["--check", "--log-level=warn", "."]],
  ["lint", "oxlint", ["--deny-warnings"]],
  ["types", "tsc", ["--noEmit", "-p", "tsconfig.json"]],
  ["site and API reference", "node", ["site/build.mjs"]],
  ["types of the site", "tsc", ["--noEmit", "-p", "site"]],
  ["arrows", "node", ["tooling/arrows.mjs"]],
  ["generated files", "node", ["tooling/sync.mjs", "--check"]],
  ["unused code", "knip", ["--no-progress", "--no-config-hints"]],
  ["sizes", "size-limit", []],
];

const vitest = ["run", "--coverage", "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`];

/** Runs a command of node_modules/.bin, or node; with `live`, its output is shown as it comes. */
function run(command, args, live = false) {
  const start = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command === "node" ? process.execPath : join(bin, command), args, {
      cwd: root,
      stdio: ["ignore", live ? "inherit" : "pipe", live ? "inherit" : "pipe"],
      shell: process.platform === "win32",
      env: { ...process.env, NO_COLOR: process.stdout.isTTY ? undefined : "1", FORCE_COLOR: undefined },
    });
    let output = "";
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (output += chunk));
    const end = (ok) => resolve({ ok, output, seconds: (performance.now() - start) / 1000 });
    child.on("error", (error) => {
      output += error.message;
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}

const heading = (name) => console.log(`\n== ${name}`);
const count = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

function record(name, ok) {
  count[ok ? "passed" : "failed"]++;
  if (!ok) failures.push(name);
}

/** Adds up vitest's own report; a test file that could not be loaded counts as a failure of its own. */
function readReport(exitOk) {
  if (!existsSync(report)) return record("tests (no report was written)", false);
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  const skipped = [];
  const before = failures.length;
  for (const file of testResults) {
    const path = relative(root, file.name);
    for (const { status, fullName } of file.assertionResults) {
      if (status === "passed") count.passed++;
      else if (status === "failed") record(`${path}: ${fullName}`, false);
      else skipped.push(`${path}: ${fullName}`);
    }
    const failedTests = file.assertionResults.some(({ status }) => status === "failed");
    if (file.status === "failed" && !failedTests) record(`${path}: ${file.message || "the file failed"}`, false);
  }
  count.skipped += skipped.length;
  if (skipped.length > 0) {
    heading("skipped");
    for (const name of skipped) console.log(name);
  }
  if (!exitOk && failures.length === before) record("tests: vitest failed outside any test, see above", false);
}

/** Two at a time: the smallest machines that run this have two cores. */
const queue = checks.map((check) => [...check]);
async function lane() {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [name, command, args] = next;
    const { ok, output, seconds } = await run(command, args);
    heading(`${name}: ${ok ? "passed" : "FAILED"} (${seconds.toFixed(1)} s)`);
    if (!ok) console.log(output.trimEnd());
    record(name, ok);
  }
}

try {
  await Promise.all([lane(), lane()]);
  heading("tests");
  const { ok, seconds } = await run("vitest", vitest, true);
  heading(`tests: ${ok ? "passed" : "FAILED"} (${seconds.toFixed(1)} s)`);
  readReport(ok);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (failures.length > 0) {
  heading("failed");
  for (const name of failures) console.log(name);
}
console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed > 0 ? 1 : 0;
