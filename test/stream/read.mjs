/**
 * How fast a set is read from the disk, with nothing else done: rows a second, and what they cost.
 *
 *     node test/stream/read.mjs DIR [MOST_ROWS] [BUFFER]
 *
 * DIR holds a prepared set, or what test/stream/click-log.mjs wrote; packages must be built.
 */
import { impressionsSampler, loadPrepared } from "../../packages/data/dist/index.js";

const [folder, most = "Infinity", buffer] = process.argv.slice(2);
const mb = () => Math.round(process.memoryUsage().rss / 2 ** 20);
const clock = () => ({ wall: performance.now(), cpu: process.cpuUsage() });
const since = ({ wall, cpu }) => {
  const { user, system } = process.cpuUsage(cpu);
  return { wall: (performance.now() - wall) / 1000, cpu: (user + system) / 1e6 };
};
const shown = (name, rows, { wall, cpu }) =>
  console.log(
    `${name}: ${rows} rows, ${wall.toFixed(1)} s, ${(rows / wall / 1e6).toFixed(3)} M rows/s; ${cpu.toFixed(1)} s of processor, ${(rows / cpu / 1e6).toFixed(3)} M rows a second of it; ${mb()} MB resident, ${Math.round(process.resourceUsage().maxRSS / 1024)} at most`,
  );

const opening = clock();
const set = await loadPrepared(folder, { rows: "stream", verify: false, ...(buffer && { buffer: Number(buffer) }) });
const sampler = impressionsSampler(set, { batchSize: 2048, seed: 1 });
shown("opened", sampler.length, since(opening));
const reading = clock();
let rows = 0;
while (rows < Math.min(Number(most), sampler.length)) {
  await sampler.ready();
  rows += sampler.next().size;
}
shown("shuffled", rows, since(reading));
sampler.close();
