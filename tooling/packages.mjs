/** Writes the files that every package has in common. Run by the generator of new packages and by nobody else. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

export function scaffold(root, folder, { description, dependencies = {}, extra = {} }) {
  const dir = `${root}/packages/${folder}`;
  mkdirSync(`${dir}/src`, { recursive: true });
  const write = (path, text) => {
    if (!existsSync(`${dir}/${path}`)) writeFileSync(`${dir}/${path}`, text);
  };
  write(
    "package.json",
    json({
      name: `@gradpool/${folder.split("/").at(-1)}`,
      version: "0.1.0",
      description,
      license: "MIT",
      type: "module",
      sideEffects: false,
      engines: { node: ">=20" },
      files: ["dist"],
      exports: {
        ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
        "./package.json": "./package.json",
      },
      publishConfig: { access: "public" },
      scripts: { build: "tsup" },
      dependencies,
      ...extra,
    }),
  );
  write(
    "tsup.config.mjs",
    `import { library } from "${folder.replaceAll(/[^/]+/g, "..")}/../tooling/tsup.mjs";\n\nexport default library();\n`,
  );
  return dir;
}
