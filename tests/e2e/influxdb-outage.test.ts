import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { influxEnv } from '../helpers/influx/engine.js';
import { type Engine, findOwnEngine } from '../helpers/influx/influx.js';
import { readiness, untilReady } from './helpers/api.js';
import { LEDGER_METRICS, type Ledger } from './helpers/ledger.js';
import { LedgerGateways } from './helpers/ledger-gateways.js';
import { compareWithLedger, NO_DISCREPANCY } from './helpers/readings.js';
import { makeDataDir, removeDataDir, startService } from './helpers/service.js';
import { until } from './helpers/until.js';

/** What each gateway has acknowledged, in each of the four parts: both run, no engine, no engine after a kill, both again. */
const MESSAGES_PER_PART = 2_000;
const PATIENCE_MS = 60_000;

const GATEWAYS = [
  ['outage-1', 'lc-xiedu-1'],
  ['outage-2', 'lw-zhenan'],
  ['outage-3', 'oh-diandu'],
] as const;

const engine = await findOwnEngine();
const dataDir = makeDataDir();
afterAll(async () => {
  await engine?.dispose();
  removeDataDir(dataDir);
});

/** Count and sum of one series; the sum in hundredths, so that it can be compared exactly. */
interface Figures {
  readonly count: number;
  readonly hundredths: number;
}

const seriesName = (device: string, metric: string) => `${device} ${metric}`;

/** What was acknowledged, by series. */
function acknowledged(ledgers: readonly Ledger[]): Map<string, Figures> {
  const figures = new Map<string, Figures>();
  for (const ledger of ledgers) {
    for (const device of ledger.devices) {
      const values = [...ledger.expected(device).values()].filter((one) => one.acknowledged);
      const hundredths = values.reduce((sum, { value }) => sum + Math.round(value * 100), 0);
      for (const metric of LEDGER_METRICS)
        figures.set(seriesName(device, metric), { count: values.length, hundredths });
    }
  }
  return figures;
}

/** The same as InfluxDB itself has it. */
async function kept(bucket: string, db: Engine): Promise<Map<string, Figures>> {
  const figures = new Map<string, Figures>();
  for (const metric of LEDGER_METRICS) {
    const asked = `SELECT count("${metric}"), sum("${metric}") FROM "energy" WHERE time >= 0 GROUP BY "device"`;
    for (const { tags, values } of await db.query(bucket, asked)) {
      const [, count, sum] = values[0] as [unknown, number, number];
      figures.set(seriesName(tags?.device ?? '', metric), { count, hundredths: Math.round(sum * 100) });
    }
  }
  return figures;
}

describe.skipIf(engine === null)(
  engine ? `an outage of ${engine.name}` : 'an outage of InfluxDB: not run, there is none that may be killed',
  () => {
    it('loses nothing that was acknowledged, also when the service is killed meanwhile', {
      timeout: 240_000,
    }, async () => {
      const db = engine as Engine;
      await db.start();
      const bucket = db.freshBucket();
      const env = influxEnv(db, bucket);
      const gateways = new LedgerGateways(GATEWAYS, 4);
      const { ledgers } = gateways;
      const takes = async () => {
        const wanted = ledgers.map((ledger) => ledger.acknowledged + MESSAGES_PER_PART);
        await until('messages are acknowledged', () => ledgers.every((one, i) => one.acknowledged >= (wanted[i] ?? 0)));
      };
      const start = async () => {
        const service = await startService({ dataDir, env });
        onTestFinished(() => service.kill());
        return service;
      };
      const first = await start();
      await untilReady(first);
      const cutOff = await gateways.publish(first);
      await takes();
      await until('InfluxDB has readings', async () => (await kept(bucket, db)).size > 0);

      await db.kill();
      await takes();
      await until('the service says that the historian stands still', async () => {
        const { status, body } = await readiness(first);
        return status === 503 && body.includes('the historian stands still');
      });
      await first.kill();
      await cutOff({ abrupt: true });

      const second = await start();
      const stopPublishing = await gateways.publish(second);
      await takes();
      await db.start();
      await takes();
      await stopPublishing();
      // All that was cut off by the kill has been sent again, so what is in InfluxDB is neither less nor more.
      for (const ledger of ledgers) expect(ledger.acknowledged).toBe(ledger.sent);

      const wanted = acknowledged(ledgers);
      const total = (figures: ReadonlyMap<string, Figures>) =>
        [...figures.values()].reduce((sum, { count }) => sum + count, 0);
      await until('InfluxDB has as many readings', async () => total(await kept(bucket, db)) >= total(wanted));
      expect(await kept(bucket, db)).toEqual(wanted);
      await untilReady(second, PATIENCE_MS);
      for (const ledger of ledgers) expect(await compareWithLedger(second, ledger)).toEqual(NO_DISCREPANCY);
      await second.stop();
    });
  },
);
