import { alignedMtl } from "@gradpool/aligned-mtl";
import { cagrad } from "@gradpool/cagrad";
import { config } from "@gradpool/config";
import { createRandom, type GradientPool, type GramSet, poolContext, taskSet } from "@gradpool/core";
import { dbMtl } from "@gradpool/db-mtl";
import { dwa } from "@gradpool/dwa";
import { fairgrad } from "@gradpool/fairgrad";
import { famo } from "@gradpool/famo";
import { gls } from "@gradpool/gls";
import { gradvac } from "@gradpool/gradvac";
import { imtl, imtlFull, imtlL } from "@gradpool/imtl";
import { mgda } from "@gradpool/mgda";
import { nashMtl } from "@gradpool/nash-mtl";
import { pcgradPlus } from "@gradpool/pcgrad-plus";
import { sdmgrad } from "@gradpool/sdmgrad";
import { stch } from "@gradpool/stch";
import { dualProj, upgrad } from "@gradpool/upgrad";
import { uw } from "@gradpool/uw";
import { auxinash } from "@gradpool/auxinash";
import { cosmos } from "@gradpool/cosmos";
import { crMogm } from "@gradpool/cr-mogm";
import { gcs } from "@gradpool/gcs";
import { go4align } from "@gradpool/go4align";
import { gradnorm } from "@gradpool/gradnorm";
import { igb } from "@gradpool/igb";
import { ldcMtl } from "@gradpool/ldc-mtl";
import { pbi } from "@gradpool/pbi";
import { pcd } from "@gradpool/pcd";
import { bench, describe } from "vitest";
import { gramOf } from "./problems.js";

const methods: Readonly<Record<string, () => GradientPool>> = {
  mgda: () => mgda(),
  cagrad: () => cagrad(),
  upgrad: () => upgrad(),
  dualproj: () => dualProj(),
  imtl: () => imtl(),
  "nash-mtl": () => nashMtl() as GradientPool,
  "aligned-mtl": () => alignedMtl(),
  config: () => config(),
  "fairgrad α 1": () => fairgrad(),
  "fairgrad α 2": () => fairgrad({ alpha: 2 }),
  gradvac: () => gradvac() as GradientPool,
  "pcgrad-plus": () => pcgradPlus(),
  sdmgrad: () => sdmgrad() as GradientPool,
  "db-mtl β 0": () => dbMtl({ beta: 0 }) as GradientPool,
  uw: () => uw() as GradientPool,
  dwa: () => dwa() as GradientPool,
  famo: () => famo() as GradientPool,
  stch: () => stch() as GradientPool,
  gls: () => gls() as GradientPool,
  "imtl-full": () => imtlFull() as GradientPool,
  "imtl-l": () => imtlL() as GradientPool,
  auxinash: () => auxinash({ every: 0 }) as GradientPool,
  cosmos: () => cosmos() as GradientPool,
  "cr-mogm": () => crMogm() as GradientPool,
  gcs: () => gcs() as GradientPool,
  go4align: () => go4align() as GradientPool,
  gradnorm: () => gradnorm() as GradientPool,
  igb: () => igb() as GradientPool,
  "ldc-mtl": () => ldcMtl() as GradientPool,
  pbi: () => pbi() as GradientPool,
  pcd: () => pcd() as GradientPool,
};

/** Grams of T normal rows of 64 coordinates with a common part that makes half of them conflict, norms within 1e±3. */
function grams(tasks: number): GramSet[] {
  return Array.from({ length: 50 }, (_, k) => {
    const random = createRandom(3, tasks, k);
    const common = Array.from({ length: 64 }, () => random.normal());
    const rows = Array.from({ length: tasks }, (_unused, i) => {
      const scale = 10 ** (6 * random.uniform() - 3);
      return Float64Array.from(common, (x) => scale * (random.normal() + (i % 2 === 0 ? 0.5 : -0.5) * x));
    });
    const { norms, cosines } = gramOf(rows);
    return {
      granularity: "model",
      tasks,
      present: rows.map(() => true),
      blocks: [{ parameter: null, count: 1 }],
      size: 1,
      norms,
      cosines,
    };
  });
}

/** The weights alone: a call decides for one of 50 matrices in turn. */
for (const tasks of [2, 3, 4, 6, 8, 12, 16]) {
  describe(`T = ${tasks}`, () => {
    for (const [name, make] of Object.entries(methods)) {
      const pool = make() as Required<GradientPool>;
      const names = taskSet(tasks);
      const losses = names.names.map((_, i) => 0.2 + 0.1 * i);
      const context = poolContext({ tasks: names, losses, step: 1 });
      const state = pool.init(names);
      const sets = grams(tasks);
      let turn = 0;
      bench(name, () => void pool.mix(sets[turn++ % sets.length] as GramSet, context, state), {
        time: 100,
        warmupTime: 50,
      });
    }
  });
}
