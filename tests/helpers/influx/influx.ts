import { afterAll, beforeAll, describe, it } from 'vitest';
import { containerInflux } from './container.js';
import type { Engine, MissingEngine } from './engine.js';
import { lentInflux } from './lent.js';
import { LocalInflux, localInfluxVersion } from './local.js';

export type { Engine, InfluxApi, InfluxSeries, MissingEngine } from './engine.js';

const START_MS = 180_000;

interface FoundEngines {
  /** In the order of preference, none of them started. */
  readonly engines: readonly Engine[];
  readonly missing: readonly MissingEngine[];
}

let found: Promise<FoundEngines> | null = null;

/** Every engine that can be had here. Cheap enough for a test file's top level where no image has to be fetched. */
export function findEngines(): Promise<FoundEngines> {
  found ??= look();
  return found;
}

async function look(): Promise<FoundEngines> {
  const engines: Engine[] = [];
  const missing: MissingEngine[] = [];
  const lent = lentInflux(process.env);
  if (lent) engines.push(lent);
  else missing.push({ name: 'InfluxDB of TEST_INFLUX_URL', why: 'the variable is not set' });
  const containers = await containerInflux();
  engines.push(...containers.engines);
  missing.push(...containers.missing);
  const version = localInfluxVersion();
  if (version?.startsWith('1.')) engines.push(new LocalInflux(version));
  else missing.push({ name: 'influxd 1.x', why: version ? `influxd on the PATH is ${version}` : 'not on the PATH' });
  return { engines, missing };
}

/**
 * The engine that can be had soonest among those that may be stopped and killed, for what would take too long on all of
 * them; null when there is none.
 */
export async function findOwnEngine(): Promise<Engine | null> {
  const { engines } = await findEngines();
  return engines.findLast(({ ours }) => ours) ?? null;
}

/**
 * `body` once per engine, which runs from before its first test until after its last; a skipped test names each kind of
 * engine that is not there.
 */
export function describeOnEngines(title: string, found: FoundEngines, body: (engine: Engine) => void): void {
  for (const engine of found.engines) {
    describe(`${title}, on ${engine.name}`, () => {
      beforeAll(() => engine.start(), START_MS);
      afterAll(() => engine.dispose());
      body(engine);
    });
  }
  for (const { name, why } of found.missing) it.skip(`${title}, on ${name}: not run, ${why}`);
}
