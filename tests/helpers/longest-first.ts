import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { BaseSequencer, type TestSpecification, type Vitest } from 'vitest/node';

/** Files that take longest, the longest first. Without a list a clean checkout runs them by size, and one may be the last. */
const LONGEST = [
  'e2e/crash',
  'component/historian/move/move',
  'contract/historian/influxdb',
  'e2e/demo',
  'e2e/scenario-alarms',
  'e2e/power-cut',
  'contract/historian/lake',
  'component/historian/switch',
  'component/historian/worker-thread/worker',
  'component/historian/worker-thread/rewrite',
  'component/historian/lake/rollups',
  'component/strangers/scope-matrix',
  'component/intensity/assess/alarms',
  'component/simulators/years',
].map((name) => `tests/${name}.test.ts`);

/** Runs the longest files first, so that no worker waits for another at the end; the rest as Vitest would. */
export class LongestFirst extends BaseSequencer {
  constructor(vitest: Vitest) {
    super(vitest);
    const gone = LONGEST.filter((path) => !existsSync(join(vitest.config.root, path)));
    if (gone.length > 0) throw new Error(`tests/helpers/longest-first.ts names what is gone: ${gone.join(', ')}`);
  }

  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specs);
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      return found < 0 ? LONGEST.length : found;
    };
    // Those that share processes come last as a whole, for a worker that is reused is not ended between them.
    const shared = ({ project }: TestSpecification) => Number(!project.config.isolate);
    return sorted.toSorted((a, b) => shared(a) - shared(b) || place(a) - place(b));
  }
}
