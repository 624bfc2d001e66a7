/**
 * `npm run new -- my-method`: a package with a method that works, conforms and is documented, known to every command and
 * named in every list. Then make it yours.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { answers, readme, source } from "./new-method/templates.mjs";
import { root } from "./workspace.mjs";

/** Writes what is the package's own, and its changeset; `sync` writes the rest. Answers with the paths. */
async function writePackage(name) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Error(`${name} (npm run new): give a name of lower-case words and hyphens, such as my-method`);
  }
  const folder = `packages/methods/${name}`;
  if (existsSync(join(root, folder))) throw new Error(`${folder} exists (npm run new): give another name`);
  const files = {
    [`${folder}/package.json`]: JSON.stringify({ name: `@gradpool/${name}`, version: "0.1.0" }),
    [`${folder}/src/index.ts`]: source(name),
    [`${folder}/test/answers.test.ts`]: answers(name),
    [`${folder}/README.md`]: readme(name),
    [`.changeset/${name}-first.md`]: `---\n"@gradpool/${name}": minor\n---\n\nFirst release: ${name}.\n`,
  };
  const options = await resolveConfig(join(root, "README.md"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), await format(text, { ...options, filepath: path }));
  }
  return Object.keys(files);
}

/** Runs a command of node_modules/.bin; its output is shown where it fails. */
function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(join(root, "node_modules", ".bin", command), args, {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
    env: { ...process.env, CI: "true", TURBO_TELEMETRY_DISABLED: "1" },
  });
  if (status === 0) return;
  throw new Error(`${command} ${args.join(" ")} failed (npm run new): ${error?.message ?? `${stdout}${stderr}`}`);
}

async function create(name) {
  const written = await writePackage(name);
  const { sync } = await import("./sync.mjs"); // The sources that it reads include the new one.
  for (const path of new Set([...written, ...(await sync())])) console.log(path);
  process.stderr.write("installing and building it …\n");
  run("pnpm", ["install", "--no-frozen-lockfile", "--prefer-offline"]);
  run("turbo", ["run", "build", `--filter=@gradpool/${name}`, "--output-logs=errors-only", "--no-update-notifier"]);
  console.log(`\nnpx gradpool methods ${name}              the command knows it`);
  console.log(`npx vitest run packages/methods/${name}   its tests`);
  console.log(`packages/methods/${name}/src/index.ts     make it yours, then npm run sync && npm run build`);
}

const [name] = process.argv.slice(2);
if (name === undefined) {
  console.error("usage: npm run new -- <name>, for example: npm run new -- my-method");
  process.exitCode = 2;
} else {
  await create(name).catch((error) => {
    console.error(`gradpool: ${error.message}`);
    process.exitCode = 1;
  });
}
