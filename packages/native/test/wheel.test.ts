import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { indexConfig, parsePipConf } from "../src/pip-config.js";
import { wheelArch } from "../src/platform.js";
import { parseProjectPage } from "../src/simple-index.js";
import { compareVersions, satisfies } from "../src/version.js";
import { chooseWheel, extraRequirements, parseWheelName, runsHere } from "../src/wheel.js";

const debian = { platform: "linux", arch: "x64", glibc: "2.36" };
const files = (...names: string[]): { filename: string; url: string }[] =>
  names.map((filename) => ({ filename, url: `https://x/${filename}` }));

describe("chooseWheel", () => {
  const real = files(
    "tensorflow_cpu-2.19.1-cp39-cp39-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "tensorflow_cpu-2.19.1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "tensorflow_cpu-2.19.1-cp310-cp310-win_amd64.whl",
    "tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl",
    "tensorflow_cpu-2.19.1.tar.gz",
  );

  it("takes the newest Python's wheel of the version, whatever Python is here", () => {
    expect(chooseWheel(real, "tensorflow-cpu", "==2.19.1", debian, false).filename).toMatch(
      /cp312-cp312-manylinux_2_17_x86_64/,
    );
  });

  it("leaves out wheels that need a newer glibc than the machine's", () => {
    expect(() => chooseWheel(real, "tensorflow-cpu", "==2.21.0", { ...debian, glibc: "2.26" }, false)).toThrow(
      /no wheel of tensorflow-cpu==2.21.0 .* glibc 2.26.*it offers 2.19.1;/,
    );
  });

  it("takes the newest release within a range, and a pre-release only by name", () => {
    const nvidia = files(
      "nvidia_cublas_cu12-12.5.3.2-py3-none-manylinux2014_x86_64.whl",
      "nvidia_cublas_cu12-12.10.0.1-py3-none-manylinux_2_27_x86_64.whl",
      "nvidia_cublas_cu12-12.11.0rc1-py3-none-manylinux_2_27_x86_64.whl",
      "nvidia_cublas_cu12-13.0.0.1-py3-none-manylinux_2_27_x86_64.whl",
    );
    expect(chooseWheel(nvidia, "nvidia-cublas-cu12", ">=12.5.3.2,<13.0", debian, true).filename).toContain("12.10.0.1");
    expect(chooseWheel(nvidia, "nvidia-cublas-cu12", "==12.5.3.2", debian, true).filename).toContain("12.5.3.2");
    expect(chooseWheel(nvidia, "nvidia-cublas-cu12", "==12.11.0rc1", debian, true).filename).toContain("rc1");
  });

  it("takes a yanked wheel only when there is no other", () => {
    const [old, fresh] = files(
      "a-1.0-cp39-cp39-manylinux_2_17_x86_64.whl",
      "a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
    ) as [{ filename: string; url: string }, { filename: string; url: string }];
    expect(chooseWheel([old, { ...fresh, yanked: true }], "a", "==1.0", debian, false).filename).toBe(old.filename);
    expect(chooseWheel([{ ...fresh, yanked: true }], "a", "==1.0", debian, false).filename).toBe(fresh.filename);
  });
});

describe("platforms", () => {
  it("reads manylinux tags of every age", () => {
    const fits = (tag: string, glibc: string): boolean => runsHere(tag, { ...debian, glibc }, "x86_64");
    expect([
      fits("manylinux2014_x86_64", "2.17"),
      fits("manylinux_2_28_x86_64", "2.27"),
      fits("manylinux_2_28_x86_64", "2.28"),
    ]).toEqual([true, false, true]);
    expect([fits("any", "2.1"), fits("manylinux2014_aarch64", "2.40"), fits("musllinux_1_2_x86_64", "2.40")]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("says what to do where TensorFlow has no library for the machine", () => {
    expect(wheelArch(debian, true)).toBe("x86_64");
    expect(wheelArch({ ...debian, arch: "arm64" }, false)).toBe("aarch64");
    expect(() => wheelArch({ ...debian, platform: "darwin" }, false)).toThrow(
      /only Linux is supported.*\(darwin-x64\): use/,
    );
    expect(() => wheelArch({ ...debian, glibc: undefined }, false)).toThrow(/need glibc \(linux-x64, musl\)/);
    expect(() => wheelArch({ ...debian, arch: "arm64" }, true)).toThrow(/no GPU wheel/);
  });

  it("parses wheel names and refuses others", () => {
    expect(parseWheelName("nvidia_cudnn_cu12-9.3.0.75-py3-none-manylinux2014_x86_64.whl")).toMatchObject({
      project: "nvidia_cudnn_cu12",
      version: "9.3.0.75",
      python: "py3",
      platforms: ["manylinux2014_x86_64"],
    });
    expect(parseWheelName("a-1.0-2build-py3-none-any.whl")).toMatchObject({ version: "1.0", platforms: ["any"] });
    expect(parseWheelName("a-1.0.tar.gz")).toBeUndefined();
  });
});

describe("versions", () => {
  it("orders releases by number and pre-releases before them", () => {
    const sorted = ["2.9.1", "2.19.1", "2.20.0rc0", "2.20.0", "2.20.0.post1"];
    expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted);
    expect(compareVersions("2.0", "2.0.0")).toBe(0);
  });

  it("meets every clause of a specifier", () => {
    const met = (version: string, specifier: string): boolean => satisfies(version, specifier);
    expect([
      met("1.4.2", "~=1.4.1"),
      met("1.5.0", "~=1.4.1"),
      met("1.4.0", "!=1.4.0"),
      met("1.4.9", "==1.4.*"),
      met("1.40.0", "==1.4.*"),
    ]).toEqual([true, false, false, true, false]);
  });
});

describe("extraRequirements", () => {
  it("finds the CUDA libraries that TensorFlow's and-cuda extra names, pinned or within a range", () => {
    const metadata = [
      "Requires-Dist: numpy <2.2.0,>=1.26.0",
      "Requires-Dist: nvidia-cublas-cu12 ==12.5.3.2 ; extra == 'and-cuda'",
      'Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"',
      "Requires-Dist: nvidia-nccl-cu12 (==2.23.4) ; extra == 'and-cuda'",
      "Requires-Dist: something ==1 ; extra == 'other'",
    ].join("\n");
    expect(extraRequirements(metadata, "and-cuda")).toEqual([
      { project: "nvidia-cublas-cu12", specifier: "==12.5.3.2" },
      { project: "nvidia-cudnn-cu12", specifier: "<10.0,>=9.3.0.75" },
      { project: "nvidia-nccl-cu12", specifier: "==2.23.4" },
    ]);
  });
});

describe("package indexes", () => {
  it("reads HTML pages: addresses, digests, yanked files", () => {
    const page = `<html><body><a href="../../packages/a-1.0-py3-none-any.whl#sha256=${"ab".repeat(32)}">a-1.0-py3-none-any.whl</a><br>
      <a data-yanked="bad" data-requires-python="&gt;=3.9" href="https://other/a-0.9.tar.gz">a-0.9.tar.gz</a></body></html>`;
    expect(parseProjectPage(page, "text/html", "https://index/simple/a/")).toEqual([
      {
        filename: "a-1.0-py3-none-any.whl",
        url: "https://index/packages/a-1.0-py3-none-any.whl",
        sha256: "ab".repeat(32),
        yanked: false,
      },
      { filename: "a-0.9.tar.gz", url: "https://other/a-0.9.tar.gz", sha256: undefined, yanked: true },
    ]);
  });

  it("reads pip.conf with its continued lines, and lets the environment win", () => {
    const text =
      "# ours\n[global]\nindex-url = https://one/simple\nextra-index-url =\n    https://two/simple\n    https://three/simple\n[freeze]\nindex-url = no\n";
    expect(parsePipConf(text)).toEqual({
      "index-url": "https://one/simple",
      "extra-index-url": "https://two/simple https://three/simple",
    });
    const folder = mkdtempSync(join(tmpdir(), "gradpool-native-test-"));
    writeFileSync(join(folder, "pip.conf"), text);
    const read = (env: Record<string, string>): ReturnType<typeof indexConfig> =>
      indexConfig({ PIP_CONFIG_FILE: join(folder, "pip.conf"), PIP_FIND_LINKS: "", ...env });
    expect(read({})).toEqual({
      indexes: ["https://one/simple", "https://two/simple", "https://three/simple"],
      links: [],
      pipsOwn: false,
    });
    expect(read({ PIP_INDEX_URL: "https://env/simple", PIP_EXTRA_INDEX_URL: "" }).indexes).toEqual([
      "https://env/simple",
    ]);
    expect(read({ PIP_NO_INDEX: "1", PIP_FIND_LINKS: "/wheels" })).toEqual({
      indexes: [],
      links: ["/wheels"],
      pipsOwn: false,
    });
    rmSync(folder, { recursive: true });
    expect(indexConfig({ PIP_CONFIG_FILE: "/dev/null" })).toEqual({ indexes: [], links: [], pipsOwn: true });
    const beside = indexConfig({ PIP_CONFIG_FILE: "/dev/null", PIP_EXTRA_INDEX_URL: "https://two/simple" });
    expect(beside).toMatchObject({ indexes: ["https://two/simple"], pipsOwn: true });
  });
});
