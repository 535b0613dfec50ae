import { benchQueries } from './queries/index.js';
import type { BenchOptions, BenchResult } from './report.js';
import { benchStartup } from './startup.js';

/** Queries over a made history, then the start of the service on it. */
export async function benchHistory(options: BenchOptions): Promise<BenchResult> {
  const queries = await benchQueries(options);
  try {
    const startup = await benchStartup(options, queries.dataDir, 'on the made history');
    return {
      figures: [...queries.figures, ...startup.figures],
      remarks: [...queries.remarks, ...startup.remarks],
    };
  } finally {
    await queries.dispose();
  }
}
