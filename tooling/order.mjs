/**
 * The order of test files: what is slow first, so that no worker is left with it alone at the end; and last the many files whose
 * workers are kept from one to the next, as a worker is kept only where such a file follows.
 */
import { BaseSequencer } from "vitest/node";

/** Tests of the whole product run the command, browsers and installs. */
const kind = ({ project, moduleId }) => {
  if (project.config.isolate === false) return 2;
  return moduleId.includes("/packages/") ? 1 : 0;
};

/** What vitest's option `sequence.sequencer` asks for: its own order, by last time's durations or by size, within each kind. */
export function Slowest(vitest) {
  const own = new BaseSequencer(vitest);
  return {
    shard: (files) => own.shard(files),
    sort: async (files) => (await own.sort(files)).sort((a, b) => kind(a) - kind(b)),
  };
}
