/**
 * Sets the workspace up on a machine that has nothing but Node and npm: installs with the pinned pnpm, then builds.
 * A second run is quick: the install is skipped while the lockfile is unchanged, and turbo builds only what changed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const [major] = process.versions.node.split(".");
if (Number(major) < 20) {
  console.error(`gradpool: Node ${process.versions.node} is too old (set-up): install Node 20 or newer`);
  process.exit(1);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
  if (status !== 0) {
    console.error(
      `gradpool: \`${command} ${args.join(" ")}\` failed (set-up): ${error?.message ?? "see its output above"}`,
    );
    process.exit(1);
  }
}

const stamp = `${root}node_modules/.gradpool-setup`;
const lock = createHash("sha256")
  .update(readFileSync(`${root}pnpm-lock.yaml`))
  .digest("hex");
const pnpm = manifest.packageManager;
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  run("npx", ["--yes", pnpm, "install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only"]);
  writeFileSync(stamp, lock);
}
run("npx", ["--no-install", "turbo", "run", "build", "--output-logs=errors-only", "--no-update-notifier"]);
