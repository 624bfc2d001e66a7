/**
 * Trains a click model on rows from the disk for so many seconds: rows a second, the share of the time that steps waited for rows, and memory.
 *
 *     node test/stream/train.mjs DIR [SECONDS=60] [BACKEND=auto] [stream|memory]
 *
 * DIR is what test/stream/click-log.mjs wrote; packages must be built. test/peers/stream_step.py is the same in PyTorch.
 */
import { given } from "../../packages/core/dist/index.js";
import { impressionsSampler, loadPrepared, planImpressions } from "../../packages/data/dist/index.js";
import { clickModel } from "../../packages/models/dist/index.js";
import { ew } from "../../packages/methods/ew/dist/index.js";
import { createEngine, jointFeed, selectBackend } from "../../packages/trainer/dist/index.js";

const [folder, seconds = "60", backend = "auto", rows = "stream"] = process.argv.slice(2);
const mb = (bytes) => Math.round(bytes / 2 ** 20);
const set = await loadPrepared(folder, { rows, verify: false });
const { tasks } = set.impressions;
const plan = planImpressions(set, { tasks });
const fields = plan.fields.map(({ name, vocabulary, kind, pooling }) => ({
  name,
  vocabulary,
  kind,
  ...given({ pooling }),
}));
const model = clickModel({
  fields,
  tasks,
  numerical: plan.numericalNames.length,
  numericalInput: "raw",
  dim: 16,
  interaction: "none",
  trunk: [256, 128, 64],
  head: [32],
  init: { kind: "normal", std: 0.01 },
});
const { tf } = await selectBackend(backend);
const engine = createEngine({ model, tf, pool: ew(), optimizer: { name: "adam", learningRate: 1e-3 }, seed: 1 });
const feed = jointFeed(impressionsSampler(set, { tasks, batchSize: 2048, seed: 1 }));
const steps = { warm: 20, done: 0, waited: 0, samples: 0, losses: [] };
let [begun, cpu] = [0, undefined];
for (let step = 1; begun === 0 || performance.now() - begun < 1000 * Number(seconds); step++) {
  const asked = performance.now();
  await feed.ready?.();
  const waited = performance.now() - asked;
  const { samples, losses } = engine.step({ ...feed.next(), step, epoch: 1 });
  if (step % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  if (step === steps.warm) [begun, cpu] = [performance.now(), process.cpuUsage()];
  if (step <= steps.warm) continue;
  steps.waited += waited;
  steps.samples += samples;
  steps.losses = losses;
}
const wall = performance.now() - begun;
const { user, system } = process.cpuUsage(cpu);
const { weights, optimizer } = engine.memory?.() ?? {};
console.log(
  JSON.stringify({
    side: "gradpool",
    backend: tf.getBackend(),
    rows,
    samples: steps.samples,
    rowsPerSecond: Math.round((1000 * steps.samples) / wall),
    rowsPerProcessorSecond: Math.round((1e6 * steps.samples) / (user + system)),
    waitingShare: Number((steps.waited / wall).toFixed(4)),
    residentMb: mb(process.memoryUsage().rss),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    ...given({ tablesMb: weights && mb(weights + optimizer) }),
    losses: Array.from(steps.losses, (loss) => Number(loss.toFixed(4))),
  }),
);
feed.close?.();
engine.dispose();
