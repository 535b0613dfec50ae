import { untilReady } from '../e2e/helpers/api.js';
import { startService } from '../e2e/helpers/service.js';
import { atMost, type BenchOptions, type BenchResult, median } from './report.js';

/** From spawning the process to `/health/ready` answering 200, on the history in `dataDir`. */
export async function benchStartup(options: BenchOptions, dataDir: string, what: string): Promise<BenchResult> {
  const seconds: number[] = [];
  for (let i = 0; i < (options.quick ? 1 : 5); i += 1) {
    const spawnedAt = performance.now();
    const service = await startService({ dataDir });
    await untilReady(service);
    seconds.push((performance.now() - spawnedAt) / 1000);
    await service.stop();
    options.progress(`start ${i + 1}: ${seconds.at(-1)?.toFixed(2)} s`);
  }
  const bench = 'start-up';
  return {
    figures: [
      { bench, name: 'spawn to ready, median', value: median(seconds), unit: 's', target: atMost(3), note: what },
      { bench, name: 'spawn to ready, longest', value: Math.max(...seconds), unit: 's' },
    ],
    remarks: [],
  };
}
