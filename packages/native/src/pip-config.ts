import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where wheels come from, as pip's own settings say. */
export interface IndexConfig {
  readonly indexes: readonly string[];
  /** `find-links`: local folders or pages that hold files directly. */
  readonly links: readonly string[];
  /**
   * True where no `index-url` replaces pip's own default index, which then stands beside all of the above. Its address is pip's
   * to know: only pip can ask it.
   */
  readonly pipsOwn: boolean;
}

/** The files pip reads on Linux, later ones win (pip documentation, "Configuration files"). */
function configFiles(env: NodeJS.ProcessEnv): string[] {
  const named = env["PIP_CONFIG_FILE"];
  if (named === "/dev/null") return [];
  const site = (env["XDG_CONFIG_DIRS"] ?? "/etc/xdg").split(":").map((folder) => join(folder, "pip", "pip.conf"));
  const user = [
    join(homedir(), ".pip", "pip.conf"),
    join(env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "pip", "pip.conf"),
  ];
  return [...site, "/etc/pip.conf", ...user, ...(named === undefined ? [] : [named])];
}

/** `[global]`, `[install]` and `[download]` of an ini file: keys, with lines that only continue a value joined to it. */
export function parsePipConf(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  let wanted = false;
  let key = "";
  for (const line of text.split(/\r?\n/)) {
    const section = /^\[(.+)\]\s*$/.exec(line);
    const pair = /^([A-Za-z][\w-]*)\s*[=:]\s*(.*)$/.exec(line);
    if (/^\s*([#;].*)?$/.test(line)) continue;
    if (section !== null) wanted = ["global", "install", "download"].includes(section[1] as string);
    else if (wanted && pair !== null)
      values[(key = (pair[1] as string).replaceAll("_", "-"))] = (pair[2] as string).trim();
    else if (wanted && /^\s/.test(line) && key !== "") values[key] = `${values[key] ?? ""} ${line.trim()}`.trim();
  }
  return values;
}

/** pip's index settings: environment variables before files. */
export function indexConfig(env: NodeJS.ProcessEnv = process.env): IndexConfig {
  const values: Record<string, string> = {};
  for (const path of configFiles(env))
    if (existsSync(path)) Object.assign(values, parsePipConf(readFileSync(path, "utf8")));
  const read = (name: string): string[] => {
    const value = env[`PIP_${name.toUpperCase().replaceAll("-", "_")}`] ?? values[name] ?? "";
    return value.split(/\s+/).filter((part) => part !== "");
  };
  const off = ["1", "true", "yes", "on"].includes((read("no-index")[0] ?? "").toLowerCase());
  const main = read("index-url");
  return {
    indexes: off ? [] : [...main, ...read("extra-index-url")],
    links: read("find-links"),
    pipsOwn: !off && main.length === 0,
  };
}
