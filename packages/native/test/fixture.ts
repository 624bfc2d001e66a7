/**
 * A small stand-in for tfjs-node and for TensorFlow's wheel, built by the real compiler and served by a real HTTP server, so that every
 * step of an installation runs in a second: index, download, digests, headers, compiler, linker, loader, check and renames.
 * `real.test.ts` does the same with the packages themselves.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { findCompiler } from "../src/compile.js";

const arch = process.arch === "arm64" ? "aarch64" : "x86_64";
const project = process.arch === "arm64" ? "tensorflow" : "tensorflow_cpu";

export const temporary = (): string => mkdtempSync(join(tmpdir(), "gradpool-native-test-"));

export const wheelName = (version: string): string => `${project}-${version}-cp312-cp312-manylinux_2_17_${arch}.whl`;

/** A package with tfjs-node's layout: a Node-API binding that asks the library for its version, and a tensor of four numbers. */
export function makeProject(name = "@tensorflow/tfjs-node"): { root: string; directory: string } {
  const root = temporary();
  const directory = join(root, "node_modules", name);
  const finder = join(root, "node_modules", "@mapbox", "node-pre-gyp");
  for (const folder of [join(directory, "dist"), join(directory, "binding"), finder])
    mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(finder, "index.js"),
    "exports.find = () => { throw new Error('the check names the binding itself'); };\n",
  );
  const binary = {
    module_name: "tfjs_binding",
    module_path: "./lib/napi-v{napi_build_version}",
    napi_versions: [3, 8],
  };
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({ name, version: "4.22.0", main: "dist/index.js", binary }),
  );
  writeFileSync(
    join(directory, "binding", "binding.cc"),
    `#include <node_api.h>
     #include "tensorflow/c/c_api.h"
     static napi_value Init(napi_env env, napi_value exports) {
       napi_value version;
       napi_create_string_utf8(env, TF_Version(), NAPI_AUTO_LENGTH, &version);
       napi_set_named_property(env, exports, "TF_Version", version);
       return exports;
     }
     NAPI_MODULE(tfjs_binding, Init)\n`,
  );
  // Central differences with step one are exact for the check's quadratic.
  writeFileSync(
    join(directory, "dist", "index.js"),
    `const binding = require(require("@mapbox/node-pre-gyp").find());
     const wrap = (v) => ({ v, dataSync: () => v });
     exports.tensor2d = (rows) => wrap(rows.flat());
     exports.matMul = ({ v: [a, b, c, d] }, { v: [e, f, g, h] }) => wrap([a*e + b*g, a*f + b*h, c*e + d*g, c*f + d*h]);
     exports.sum = ({ v }) => wrap([v.reduce((a, b) => a + b)]);
     exports.grad = (f) => (x) => wrap(x.v.map((_, k) => {
       const at = (step) => f(wrap(x.v.map((value, j) => value + (j === k ? step : 0)))).v[0];
       return (at(1) - at(-1)) / 2;
     }));
     exports.backend = () => ({ binding, isUsingGpuDevice: false });\n`,
  );
  return { root, directory };
}

export interface WheelOptions {
  readonly version?: string;
  /** The C++ source of the library; default: one that knows its version. */
  readonly library?: string;
  /** Writes a wrong digest of the library into RECORD. */
  readonly wrongRecord?: boolean;
  /** Bytes that do not compress, so that the download takes several chunks. */
  readonly padding?: number;
}

export function makeWheel(options: WheelOptions = {}): Uint8Array {
  const { version = "2.19.1", padding = 0 } = options;
  const folder = temporary();
  const build = (file: string, source: string): Uint8Array => {
    writeFileSync(join(folder, "library.cc"), source);
    execFileSync(findCompiler(), [
      "-shared",
      "-fPIC",
      join(folder, "library.cc"),
      `-Wl,-soname,${file}`,
      "-o",
      join(folder, file),
    ]);
    return new Uint8Array(readFileSync(join(folder, file)));
  };
  const library = build(
    "libtensorflow_cc.so.2",
    options.library ?? `extern "C" const char* TF_Version() { return "${version}"; }`,
  );
  const framework = build("libtensorflow_framework.so.2", "int framework = 1;");
  rmSync(folder, { recursive: true });
  const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64url");
  const text = (content: string): Uint8Array => new Uint8Array(Buffer.from(content));
  const record = `tensorflow/libtensorflow_cc.so.2,sha256=${options.wrongRecord ? digest(framework) : digest(library)},${library.length}\n`;
  return zipSync({
    "tensorflow/libtensorflow_cc.so.2": library,
    "tensorflow/libtensorflow_framework.so.2": framework,
    "tensorflow/include/tensorflow/c/c_api.h": text('#include "tensorflow/c/inner.h"\n'),
    "tensorflow/include/tensorflow/c/inner.h": text('extern "C" const char* TF_Version();\n'),
    "tensorflow/include/tensorflow/c/unreached.h": text("#error never reached\n"),
    "tensorflow/padding": [new Uint8Array(padding).map((_, k) => (k * 2654435761) >>> 13), { level: 0 }],
    [`${project}-${version}.dist-info/METADATA`]: text(
      `Metadata-Version: 2.1\nName: tensorflow_cpu\nVersion: ${version}\n`,
    ),
    [`${project}-${version}.dist-info/WHEEL`]: text(
      "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp312-cp312-any\n",
    ),
    [`${project}-${version}.dist-info/RECORD`]: text(record),
  });
}

export interface Index {
  readonly url: string;
  /** The paths that were asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface Served {
  readonly bytes: Uint8Array;
  /** The digest that the index claims; default: the true one. */
  readonly sha256?: string;
  /** How the file is sent; default: whole. */
  readonly send?: (response: ServerResponse, bytes: Uint8Array) => void;
}

/** A package index in the JSON form of PEP 691; `welcome` answers 403 to the programs that it refuses. */
export async function serveIndex(
  files: Readonly<Record<string, Served>>,
  welcome: (userAgent: string) => boolean = () => true,
): Promise<Index> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? "/";
    asked.push(path);
    if (!welcome(request.headers["user-agent"] ?? "")) {
      response.writeHead(403).end();
      return;
    }
    const file = files[path.replace("/files/", "")];
    if (path === `/simple/${project.replace("_", "-")}/`) {
      const list = Object.entries(files).map(([filename, { bytes, sha256 }]) => ({
        filename,
        url: `/files/${filename}`,
        hashes: { sha256: sha256 ?? createHash("sha256").update(bytes).digest("hex") },
      }));
      response
        .writeHead(200, { "content-type": "application/vnd.pypi.simple.v1+json" })
        .end(JSON.stringify({ files: list }));
    } else if (file === undefined) response.writeHead(404).end();
    else {
      response.writeHead(200, { "content-length": file.bytes.length });
      if (file.send === undefined) response.end(file.bytes);
      else file.send(response, file.bytes);
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`, asked, close };
}

/** pip's settings for a test: this index and nothing of the machine's own. */
export const pipEnv = (index: Index): Record<string, string> => ({
  PIP_CONFIG_FILE: "/dev/null",
  PIP_INDEX_URL: index.url,
  PIP_EXTRA_INDEX_URL: "",
  PIP_FIND_LINKS: "",
});

/** Every file of a folder with its content, to compare a before and an after. */
export function snapshot(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    paths.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length), createHash("sha256").update(readFileSync(path)).digest("hex")];
    }),
  );
}
