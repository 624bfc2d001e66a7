import { beforeAll, describe, expect, it } from "vitest";
import { type Draw, loadDraw } from "../src/drawing/draw.js";
import { type Figure, figureHtml } from "../src/drawing/figure.js";
import { trusted } from "../src/drawing/html.js";
import { conflictsFigure } from "../src/figures/conflicts.js";
import { cosinesFigure } from "../src/figures/cosines.js";
import { frame } from "../src/figures/frame.js";
import { frontFigure } from "../src/figures/front.js";
import { gatesFigure } from "../src/figures/gates.js";
import { gradientsFigure } from "../src/figures/gradients.js";
import { groupFigures } from "../src/figures/groups.js";
import { type Box, boxOf, type Labelled, type Place, placeLabels } from "../src/figures/labels.js";
import { learningFigure } from "../src/figures/learning.js";
import { lossesFigure } from "../src/figures/losses.js";
import { qualityFigure } from "../src/figures/quality.js";
import { paretoFront, scatter } from "../src/figures/scatter.js";
import { sensitivityFigure } from "../src/figures/sensitivity.js";
import { speedFigure, tradeOffsFigure } from "../src/figures/trade-offs.js";
import { frontOf, standing } from "../src/source/front.js";
import { readSource, type Source } from "../src/source/sources.js";
import { fixture } from "./report-fixture.js";

let draw: Draw;
let demo: Source;
let clicks: Source;

beforeAll(async () => {
  draw = await loadDraw();
  demo = readSource(fixture({ diagnostics: 40 }));
  clicks = readSource(
    fixture({ recipe: "multibalance", tasks: ["ctr", "cvr", "conv"], impressions: true, diagnostics: 40 }),
  );
});

const count = (figure: Figure | null, pattern: RegExp): number =>
  [...String(figure?.svg ?? "").matchAll(pattern)].length;
const drawings = (figure: Figure | null): number => count(figure, /<svg role="img" aria-label="[^"]+"/g);
const columns = (figure: Figure | null): readonly string[] => figure?.data.columns ?? [];

/** What holds for every figure: described, labelled panels, rectangular data, colours from the theme alone. */
function sound(figure: Figure | null): asserts figure is Figure {
  expect(figure).not.toBeNull();
  const { alt, help, title, data } = figure as Figure;
  const svg = String(figure?.svg);
  for (const text of [alt, help, title]) expect(text.trim()).not.toBe("");
  expect(/.{0,60}(NaN|undefined|Infinity|style=|<style|#[0-9a-f]{6}|rgb\().{0,60}/.exec(svg)).toBeNull();
  expect(svg.includes("var(--")).toBe(true);
  expect(data.rows.length).toBeGreaterThan(0);
  for (const row of data.rows) expect(row.length).toBe(data.columns.length);
}

describe("the figure of", () => {
  it("quality has a row for each pool in each metric, named, with its seeds", () => {
    const figure = qualityFigure(draw, demo, "NDCG", ["ndcg@10", "ndcg@20"]);
    sound(figure);
    expect(drawings(figure)).toBe(2);
    expect(count(figure, /<circle/g)).toBe(2 * 7 * (1 + 3));
    for (const { label } of demo.rows) expect(String(figure.svg).includes(`>${label}`)).toBe(true);
    expect(figure.data.rows).toHaveLength(14);
  });

  it("quality marks differences by sign and colour, and only those the test shows", () => {
    const figure = qualityFigure(draw, demo, "NDCG", ["ndcg@10"]);
    const shown = demo.rows.filter((row) => row.versusBaseline["ndcg@10"]?.verdict === "worse");
    expect(shown.length).toBeGreaterThan(0);
    expect(count(figure, /▼/g)).toBe(shown.length);
    for (const { label } of shown) expect(String(figure?.svg).includes(`${label} ▼`)).toBe(true);
  });

  it("learning has one panel per pool, a line, a band and the baseline behind it", () => {
    const figure = learningFigure(draw, demo, "ndcg@10");
    sound(figure);
    expect(drawings(figure)).toBe(7);
    expect(count(figure, /stroke="var\(--strong\)"/g)).toBe(6);
    const ew = figure.data.rows.filter(([pool, epoch]) => pool === "EW" && epoch === 3);
    const values = demo.rows[0]?.records.map(({ result }) => result?.history[2]?.metrics["ndcg@10"] ?? NaN) ?? [];
    expect(ew).toHaveLength(1);
    expect(ew[0]?.[2]).toBeCloseTo(values.reduce((a, b) => a + b, 0) / 3, 12);
    expect(ew[0]?.slice(3)).toEqual([Math.min(...values), Math.max(...values), 3]);
  });

  it("losses has one line per task, told apart by dash as well as colour", () => {
    const figure = lossesFigure(draw, demo);
    sound(figure);
    expect(drawings(figure)).toBe(7);
    const first = /<div class="panel">.*?<\/div>/s.exec(String(figure.svg))?.[0] ?? "";
    const dashes = [
      ...first.matchAll(/stroke="var\(--t\d\)"[^>]*?stroke-dasharray="([^"]+)"|stroke-dasharray="([^"]+)"/g),
    ];
    expect(new Set(dashes.map((found) => found[1] ?? found[2])).size).toBeGreaterThanOrEqual(3);
    expect(new Set(figure.data.rows.map(([, task]) => task))).toEqual(new Set(["buy", "cart", "fav", "pv"]));
  });

  it("gradients has norm, weight and weighted norm of every pool, the product being what the records say", () => {
    const one = fixture({ diagnostics: 1, seeds: 1 });
    const source = readSource(one);
    const figure = gradientsFigure(draw, source);
    sound(figure);
    expect(drawings(figure)).toBe(7 * 3);
    const point = source.rows[2]?.records[0]?.diagnostics?.[0];
    const found = figure.data.rows.find(
      ([pool, task, name]) => pool === source.rows[2]?.label && task === "fav" && name === "weighted norm",
    );
    expect(found?.[4]).toBeCloseTo((point?.norms[2] as number) * (point?.weights[2] as number), 12);
  });

  it("gradients says so where a method has no weights", () => {
    const files = fixture({ diagnostics: 10, seeds: 1 });
    const records = files.records.map((record) =>
      record.label === "PCGrad"
        ? {
            ...record,
            diagnostics:
              record.diagnostics?.map((point) => ({ ...point, weights: point.weights.map(() => null) })) ?? [],
          }
        : record,
    );
    const figure = gradientsFigure(draw, readSource({ ...files, records }));
    sound(figure);
    expect(drawings(figure)).toBe(7 * 3 - 2);
    expect(String(figure.svg).includes("No weights: the method decides per coordinate.")).toBe(true);
  });

  it("conflicts is a share between nothing and all, of every pool", () => {
    const figure = conflictsFigure(draw, demo);
    sound(figure);
    expect(drawings(figure)).toBe(7);
    for (const [, , rate] of figure.data.rows) expect(rate).toSatisfy((held: number) => held >= 0 && held <= 1);
  });

  /** The click fixture as a model with gates leaves it: shares that drift from equal ones. */
  function gated(experts: readonly string[], readers: readonly string[]): Source {
    const tasks = ["ctr", "cvr"];
    const source = readSource(fixture({ recipe: "multibalance", tasks, impressions: true, diagnostics: 40 }));
    const mixed = (step: number, r: number): Readonly<Record<string, number>> => {
      const raw = experts.map((_, k) => 1 + ((k + r) % 3) * (1 - Math.exp(-step / 500)));
      const sum = raw.reduce((a, b) => a + b, 0);
      return Object.fromEntries(experts.map((expert, k) => [expert, (raw[k] as number) / sum]));
    };
    const gates = (step: number) => readers.map((reader, r) => ({ reader, weights: mixed(step, r) }));
    const rows = source.rows.map((row) => ({
      ...row,
      records: row.records.map((record) => ({
        ...record,
        diagnostics: (record.diagnostics ?? []).map((point) => ({ ...point, gates: gates(point.step) })),
      })),
    }));
    return { ...source, rows };
  }

  it("gates has a panel for each reader of each pool, whose shares add up to one at every step", () => {
    const readers = ["shared, level 0", "ctr, level 0", "cvr, level 1"];
    const source = gated(["ctr.0", "ctr.1", "cvr.0", "shared.0"], readers);
    const figure = gatesFigure(draw, source);
    sound(figure);
    expect(drawings(figure)).toBe(source.rows.length * readers.length);
    const sums = new Map<string, number>();
    for (const [pool, reader, , step, share] of figure.data.rows) {
      const key = `${pool} ${reader} ${step}`;
      sums.set(key, (sums.get(key) ?? 0) + (share as number));
    }
    for (const sum of sums.values()) expect(sum).toBeCloseTo(1, 9);
    expect(sums.size).toBeGreaterThan(10 * source.rows.length);
  });

  it("gates tells experts of a task by its colour, those of several by grey, and names each with its last share", () => {
    const figure = gatesFigure(draw, gated(["ctr.0", "cvr.0", "shared.0"], ["ctr", "cvr"]));
    sound(figure);
    const svg = String(figure.svg);
    for (const fill of ["var(--t0)", "var(--t1)", "var(--strong)"]) expect(svg).toContain(`fill="${fill}"`);
    expect(svg).toMatch(/>shared\.0 \d+ %</);
    expect(svg.match(/(?<=<\/svg>)of [a-z ]+(?=<\/li>)/g)).toEqual(["of ctr", "of cvr", "of several tasks"]);
    expect(figure.alt).toMatch(/: ctr at the end: ctr\.0 \d+ %, cvr\.0 \d+ % and shared\.0 \d+ %; cvr at the end/);
  });

  it("gates takes what AITM hands on for another's, and is not there without gates", () => {
    const figure = gatesFigure(draw, gated(["own", "handed on"], ["cvr"]));
    sound(figure);
    expect(String(figure.svg)).toContain('fill="var(--t1)"');
    expect(String(figure.svg)).not.toContain('fill="var(--t0)"');
    expect(gatesFigure(draw, clicks)).toBeNull();
  });

  it("cosines has T × T cells per pool, with the sign written on them", () => {
    const figure = cosinesFigure(draw, demo);
    sound(figure);
    expect(drawings(figure)).toBe(7);
    expect(count(figure, /<rect /g)).toBe(7 * 16);
    expect(/>−0\.\d\d</.test(String(figure.svg))).toBe(true);
    expect(figure.data.rows).toHaveLength(7 * 16);
  });

  it("sensitivity has a panel per contender, its chosen point filled", () => {
    const source = readSource(fixture({ recipe: "pmtrec-sensitivity", tasks: ["buy", "social"], diagnostics: 0 }));
    const figure = sensitivityFigure(draw, source);
    sound(figure);
    expect(drawings(figure)).toBe(2);
    expect(figure.data.rows).toHaveLength(11 + 8);
    expect(count(figure, /<circle[^>]*fill="var\(--accent\)"/g)).toBe(2);
    expect(sensitivityFigure(draw, demo)).toBeNull();
  });

  it("sensitivity over two names has a line for each value of one", () => {
    const source = readSource(fixture({ grid: { lr: [0.01, 0.001, 0.0001], weightDecay: [0, 1e-4] }, diagnostics: 0 }));
    const figure = sensitivityFigure(draw, source);
    sound(figure);
    expect(drawings(figure)).toBe(7);
    expect(String(figure.svg).includes("lines: weightDecay")).toBe(true);
    expect(figure.data.rows).toHaveLength(7 * 6);
  });

  it("a group of numbered variants is a curve, of others rows beside baseline and full method", () => {
    const beta = groupFigures(draw, clicks).find(({ title }) => title === "Learning rate of the weights");
    sound(beta ?? null);
    expect(/>beta</.test(String(beta?.svg))).toBe(true);
    const ablation = groupFigures(
      draw,
      readSource(
        fixture({ recipe: "pmtrec", tasks: ["click", "social", "category"], diagnostics: 0, seeds: 2, grid: {} }),
      ),
    ).find(({ id }) => id === "group-ablation");
    sound(ablation ?? null);
    expect(new Set(ablation?.data.rows.map(([pool]) => pool))).toEqual(
      new Set(["EW", "PMTRec", "PMTRec, no task focusing", "PMTRec, no balancing"]),
    );
  });

  it("a group whose variants have baselines of their own shows each under its own", () => {
    const tasks = ["buy", "cart"];
    const source = readSource(fixture({ recipe: "thesis-readings", tasks, diagnostics: 0, seeds: 2 }));
    const [figure] = groupFigures(draw, source);
    sound(figure ?? null);
    expect(figure?.help).toContain("each under what it is tested against");
    const shown = [...new Set(figure?.data.rows.map(([pool]) => pool))];
    const after = (label: string): unknown => shown[shown.indexOf(label) + 1];
    expect(shown[0]).toBe("EW");
    expect(after("GradSurgery (orig)")).toBe("GradSurgery (orig), per tensor");
    expect(after("MB+GS (orig)")).toBe("GS+MB (orig), surgery first");
  });

  it("the front of static weights has a panel for each pair of tasks, and says of each method where it stands", () => {
    const figure = frontFigure(draw, clicks);
    sound(figure);
    expect(drawings(figure)).toBe(3);
    const rows = figure.data.rows.map(([x, y, pool, , , fixed, stand]) => [x, y, pool, fixed, stand]);
    const fixed = new Set(rows.filter((row) => row[3] === "yes").map((row) => row[2]));
    // Two weights at four learning rates; vanilla at these by two decays, sum and mean.
    expect(fixed.size).toBe(2 * 4 + 4 * 2 + 4 * 2);
    const methods = new Map(rows.filter((row) => row[3] === "no").map((row) => [row[2], row[4]]));
    expect([...methods.keys()]).toContain("MultiBalance");
    expect([...methods.keys()].filter((label) => /Single|module|beta/.test(String(label)))).toEqual([]);
    for (const stand of methods.values()) expect(["ahead", "beside", "behind"]).toContain(stand);
    expect(figure.alt).toMatch(/ahead of the front of static weights .+; beside it .+; behind it .+\./);
  });

  it("the front of static weights is left out without static weights or tasks to set against each other", () => {
    expect(frontFigure(draw, demo)).toBeNull();
    const without = fixture({
      recipe: "multibalance",
      tasks: ["ctr", "cvr"],
      impressions: true,
      pools: ["ew", "pcgrad"],
    });
    expect(frontFigure(draw, readSource(without))).toBeNull();
  });

  it("a front is of the points that no other is better than; a point is ahead of it, behind it or beside it", () => {
    const points = [[0.9, 0.1], [0.5, 0.5], [0.1, 0.9], [0.4, 0.4]]; // prettier-ignore
    const front = frontOf(points, [1, 1]);
    expect(front).toEqual(points.slice(0, 3));
    expect(frontOf(points, [-1, -1])).toEqual([points[0], points[2], points[3]]);
    expect(standing([0.6, 0.55], front, [1, 1])).toBe("ahead");
    expect(standing([0.45, 0.45], front, [1, 1])).toBe("behind");
    expect(standing([0.7, 0.3], front, [1, 1])).toBe("beside");
    expect(standing([0.5, 0.5], front, [1, 1])).toBe("beside");
  });

  it("trade-offs sets tasks against each other where they are measured, metrics otherwise", () => {
    const tasks = tradeOffsFigure(draw, clicks);
    sound(tasks);
    expect(drawings(tasks)).toBe(2);
    expect(String(tasks.svg).includes("NE · cvr against NE · ctr")).toBe(true);
    const metrics = tradeOffsFigure(draw, demo);
    sound(metrics);
    expect(metrics.title).toBe("One metric against another");
    for (const { label } of demo.rows) expect(String(metrics.svg).includes(`>${label}</text>`)).toBe(true);
  });

  it("speed draws the baseline as a square and names what is Pareto-optimal", () => {
    const figure = speedFigure(draw, demo);
    sound(figure);
    expect(columns(figure)).toContain("Pareto-optimal");
    expect(figure.data.rows.filter(([, , , , , best]) => best === "yes").length).toBeGreaterThan(0);
    expect(figure.data.rows).toHaveLength(7);
  });
});

describe("a Pareto front", () => {
  const at = (label: string, x: number, y: number) => ({ label, x, y, baseline: false });
  const points = [at("a", 1, 3), at("b", 2, 2), at("c", 1, 1), at("d", 3, 1)];
  const labels = (xUp: boolean, yUp: boolean): string =>
    paretoFront({ points, xUp, yUp })
      .map(({ label }) => label)
      .join("");

  it("holds what no point beats in both directions, whichever way is up", () => {
    expect(labels(true, true)).toBe("abd");
    expect(labels(false, false)).toBe("c");
    expect(labels(true, false)).toBe("d");
    expect(labels(false, true)).toBe("a");
  });
});

describe("an axis of a few epochs", () => {
  it("has no mark between two of them", () => {
    const axes = { x: "epoch", xDomain: [2, 4] as const, yDomain: [0, 1] as const };
    const drawing = String(frame(draw, "words", axes, []));
    expect(drawing).toMatch(/>3</);
    expect(drawing).not.toMatch(/>2\.5</);
  });
});

describe("labels beside points", () => {
  const inside = { width: 346, height: 252 };
  const longNames = [
    "ew",
    "metabalance(relax=0.7)",
    "GradCraft",
    "gradnorm(alpha=1.5)",
    "MB without decay",
    "uncertainty",
  ];

  /** So many points within `radius` of a corner, the middle or an edge, with names of all lengths. */
  function crowd(seed: number, count: number, radius: number): readonly Labelled[] {
    const at = (k: number): number => Math.sin(seed * 12.9898 + k * 78.233) * 43758.5453;
    const share = (k: number): number => at(k) - Math.floor(at(k));
    const [x, y] = [20 + share(0) * (inside.width - 40), 20 + share(1) * (inside.height - 40)];
    const within = (value: number, most: number): number => Math.min(most - 8, Math.max(8, value));
    return Array.from({ length: count }, (_, k) => ({
      text: longNames[Math.floor(share(9 * k + 2) * longNames.length)] as string,
      x: within(x + radius * (2 * share(9 * k + 3) - 1), inside.width),
      y: within(y + radius * (2 * share(9 * k + 4) - 1), inside.height),
    }));
  }

  /** Every pair of names, and of a name and another's point, that share room; every name that leaves the drawing. */
  function faults(points: readonly Labelled[]): readonly string[] {
    const places = placeLabels(points, inside);
    const boxes = points.map((point, k) => boxOf({ ...point, text: places[k]?.text ?? "" }, places[k] as Place));
    const overlap = (a: Box, b: Box): boolean =>
      Math.min(a.right, b.right) > Math.max(a.left, b.left) && Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top);
    const dots = points.map(({ x, y }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }));
    return boxes.flatMap((box, k) => [
      ...boxes.slice(k + 1).flatMap((other, j) => (overlap(box, other) ? `names ${k} and ${k + 1 + j}` : [])),
      ...dots.flatMap((other, j) => (j !== k && overlap(box, other) ? `name ${k} on point ${j}` : [])),
      ...(box.left < 0 || box.top < 0 || box.right > inside.width || box.bottom > inside.height
        ? [`${k} outside`]
        : []),
    ]);
  }

  it.each([
    [3, 4],
    [7, 15],
    [10, 40],
    [12, 25],
  ])("cover no other label and no point, and stay inside: %i points within %i pixels", (count, radius) => {
    for (let seed = 1; seed <= 12; seed++) expect(faults(crowd(seed, count, radius)), `seed ${seed}`).toEqual([]);
  });

  it("are numbers where there is no room for all names, the first keeping theirs; those are explained below the drawing", () => {
    const labels = Array.from({ length: 24 }, (_, k) => `the pool of name ${String.fromCharCode(65 + k)}`);
    const crowd = labels.map((label, k) => ({
      label,
      x: 1 + 1e-3 * (k % 5),
      y: 1 + 1e-3 * Math.floor(k / 5),
      baseline: k === 9,
    }));
    const far = { label: "far", x: 2, y: 2, baseline: false };
    const format = { x: String, y: String };
    const html = String(
      scatter(draw, "words", { x: "x", y: "y", xUp: true, yUp: true, points: [...crowd, far], format }),
    );
    const [drawing = "", below = ""] = html.split("</svg>");
    for (const name of labels)
      expect(`${drawing.includes(`>${name}<`) ? 1 : 0}${below.includes(name) ? 1 : 0}`, name).toMatch(/^(10|01)$/);
    expect(drawing).toContain(`>${labels[9]}<`);
    expect(drawing).toContain(">far<");
    const numbers = [...below.matchAll(/(\d+) the pool/g)].map(([, number]) => Number(number));
    expect(numbers.length).toBeGreaterThan(4);
    expect(numbers).toEqual(numbers.map((_, k) => k + 1));
    for (const number of numbers) expect(drawing).toContain(`>${number}<`);
  });

  it("stand right beside points that have room, where no line leads to them, and are the same every time", () => {
    const apart = [0, 1, 2, 3].map((k) => ({ text: `pool ${k}`, x: 60 + 70 * k, y: 40 + 50 * k }));
    expect(placeLabels(apart, inside)).toEqual(
      apart.map(({ text }) => ({ dx: 9, dy: 0, anchor: "start", far: false, text })),
    );
    expect(placeLabels(crowd(5, 10, 20), inside)).toEqual(placeLabels(crowd(5, 10, 20), inside));
    expect(placeLabels(crowd(5, 10, 20), inside).some(({ far }) => far)).toBe(true);
  });
});

describe("a figure's HTML", () => {
  const figure = (rows: number): Figure => ({
    id: "f",
    title: "A <b> figure",
    help: "h",
    svg: trusted("<svg></svg>"),
    alt: "words",
    data: { columns: ["a", "b"], rows: Array.from({ length: rows }, (_, k) => [`</script>${k}`, k / 3]) },
  });

  it("escapes text, and data that would end the script", () => {
    const html = String(figureHtml(figure(1)));
    expect(html).toContain("A &lt;b&gt; figure");
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    const embedded = /<script type="application\/json"[^>]*>(.*?)<\/script>/s.exec(html)?.[1] ?? "";
    expect(JSON.parse(embedded)).toEqual({ columns: ["a", "b"], rows: [["</script>0", 0]] });
  });

  it("has a small table in the page and leaves a large one to be built on demand", () => {
    expect(String(figureHtml(figure(40))).match(/<tr>/g)).toHaveLength(41);
    expect(String(figureHtml(figure(41)))).not.toContain("<tr>");
    expect(String(figureHtml(figure(41)))).toContain("41 rows");
  });
});
