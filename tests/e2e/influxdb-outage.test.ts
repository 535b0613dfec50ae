import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Engine, findOwnEngine } from '../helpers/influx/influx.js';
import { readiness, untilReady } from './helpers/api.js';
import { type MadeGateway, makeGateway } from './helpers/gateways.js';
import { LEDGER_METRICS, Ledger } from './helpers/ledger.js';
import { LedgerPublisher } from './helpers/publisher.js';
import { compareWithLedger, NO_DISCREPANCY } from './helpers/readings.js';
import { makeDataDir, type RunningService, removeDataDir, startService } from './helpers/service.js';

/** What each gateway has acknowledged, in each of the four parts: both run, no engine, no engine after a kill, both again. */
const MESSAGES_PER_PART = 2_000;
const LOAD = { messagesPerSecond: 800, window: 50 };
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

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

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
      const env = {
        PARK_HISTORIAN: 'influxdb',
        INFLUX_URL: db.url,
        INFLUX_API: db.api,
        INFLUX_BUCKET: bucket,
        ...(db.token !== undefined && { INFLUX_TOKEN: db.token }),
        ...(db.org !== undefined && { INFLUX_ORG: db.org }),
      };
      const startTs = Date.now() - 15 * 60_000;
      const ledgers = GATEWAYS.map(
        ([id, park]) =>
          new Ledger(
            park,
            [1, 2, 3, 4].map((i) => `${id}-m${i}`),
            startTs,
          ),
      );
      const takes = async () => {
        const wanted = ledgers.map((ledger) => ledger.acknowledged + MESSAGES_PER_PART);
        await until('messages are acknowledged', () => ledgers.every((one, i) => one.acknowledged >= (wanted[i] ?? 0)));
      };
      let logins: MadeGateway[] = [];
      const load = async (service: RunningService) => {
        const publishers = ledgers.map((one, i) => new LedgerPublisher(service, logins[i] as MadeGateway, one, LOAD));
        await Promise.all(publishers.map((publisher) => publisher.start()));
        return publishers;
      };

      const start = async () => {
        const service = await startService({ dataDir, env });
        onTestFinished(() => service.kill());
        return service;
      };
      const first = await start();
      await untilReady(first);
      logins = await Promise.all(GATEWAYS.map(([id, park]) => makeGateway(first, id, park)));
      const cut = await load(first);
      await takes();
      await until('InfluxDB has readings', async () => (await kept(bucket, db)).size > 0);

      await db.kill();
      await takes();
      await until('the service says that the historian stands still', async () => {
        const { status, body } = await readiness(first);
        return status === 503 && body.includes('the historian stands still');
      });
      await first.kill();
      await Promise.all(cut.map((publisher) => publisher.stop({ abrupt: true })));

      const second = await start();
      const publishers = await load(second);
      await takes();
      await db.start();
      await takes();
      await Promise.all(publishers.map((publisher) => publisher.stop()));
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
