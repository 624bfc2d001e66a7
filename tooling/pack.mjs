/**
 * `npm run pack [-- FOLDER]`: builds the packages and packs each as it would be published, into FOLDER (default `tarballs`).
 * pnpm does the packing, because it turns `workspace:^` into the ranges of the packages beside it; plain `npm pack` does not.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { delimiter, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = resolve(process.argv[2] ?? join(root, "tarballs"));

// turbo looks for pnpm on the PATH, where only npm's scripts have it.
const tools = join(root, "node_modules", ".bin");
const env = { ...process.env, PATH: [tools, process.env.PATH].join(delimiter) };

function run(command, args) {
  const { status, stderr } = spawnSync(join(tools, command), args, {
    cwd: root,
    env,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error(
    `gradpool: \`${command} ${args.join(" ")}\` failed (pack): ${stderr.trim() || "run it by hand to see why"}`,
  );
  process.exit(1);
}

mkdirSync(out, { recursive: true });
for (const file of readdirSync(out)) if (/^gradpool.*\.tgz$/.test(file)) rmSync(join(out, file));
run("turbo", ["run", "build", "--output-logs=errors-only"]);
run("pnpm", ["-r", "pack", "--pack-destination", out]);
const count = readdirSync(out).filter((file) => file.endsWith(".tgz")).length;
const shown = relative(process.cwd(), out) || ".";
console.log(
  `${count} tarballs in ${shown}. In your project: npm install ${shown.startsWith("..") ? out : `PATH_TO/${shown}`}/*.tgz`,
);
