/** `npm run bench [-- --quick] [--only disk,ingest,alarms,feed,rules,queries,reads,intensity,intensity-influxdb,outage,compare] [--json]` */
import { parseArgs } from 'node:util';
import { benchAlarms } from './alarms.js';
import { benchDisk } from './disk.js';
import { benchFeed } from './feed.js';
import { benchIngest } from './ingest.js';
import { type BenchOptions, type BenchResult, type Figure, met, table, verdict } from './report.js';

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchResult>>> = {
  disk: benchDisk,
  ingest: benchIngest,
  alarms: benchAlarms,
  rules: async (options) => (await import('./many-rules.js')).benchRules(options),
  feed: benchFeed,
  // Loaded when asked for: it brings the query engine into this process.
  queries: async (options) => (await import('./history.js')).benchHistory(options),
  reads: async (options) => (await import('./reads.js')).benchReads(options),
  intensity: async (options) => (await import('./intensity.js')).benchIntensity(options),
  'intensity-influxdb': async (options) => (await import('./intensity.js')).benchIntensityInflux(options),
  outage: async (options) => (await import('./historian/outage.js')).benchOutage(options),
  compare: async (options) => (await import('./historian/compare.js')).benchCompare(options),
};

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const names = values.only?.split(',') ?? Object.keys(BENCHES);
const unknown = names.filter((name) => !(name in BENCHES));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`no such benchmark: ${unknown.join(', ')}`);
  console.error(`npm run bench -- [--only ${Object.keys(BENCHES).join(',')}] [--quick] [--json]`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const figures: Figure[] = [];
const remarks: string[] = [];
for (const name of names) {
  console.error(`${name} …`);
  try {
    const result = await BENCHES[name]?.({
      quick: values.quick,
      progress: (text) => console.error(`  ${text}`),
    });
    figures.push(...(result?.figures ?? []));
    remarks.push(...(result?.remarks ?? []).map((remark) => `${name}: ${remark}`));
  } catch (error) {
    remarks.push(`${name}: failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

if (values.json) {
  const rows = figures.map((figure) => ({ ...figure, met: met(figure), verdict: verdict(figure) }));
  console.log(JSON.stringify({ node: process.version, quick: values.quick, figures: rows, remarks }, null, 2));
} else {
  console.log(`\n${table(figures)}`);
  for (const remark of remarks) console.log(`• ${remark}`);
}
