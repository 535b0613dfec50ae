import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Engine } from './influx-engine.js';
import { LocalInflux, localInfluxVersion } from './influx-local.js';

export type { Engine, InfluxApi, InfluxSeries } from './influx-engine.js';

const START_MS = 180_000;

/** A kind of engine that is not there, and why. */
export interface MissingEngine {
  readonly name: string;
  readonly why: string;
}

export interface FoundEngines {
  /** In the order of preference, none of them started. */
  readonly engines: readonly Engine[];
  readonly missing: readonly MissingEngine[];
}

/** Every engine that can be had here. Cheap enough for a test file's top level. */
export async function findEngines(): Promise<FoundEngines> {
  const engines: Engine[] = [];
  const missing: MissingEngine[] = [];
  const version = localInfluxVersion();
  if (version?.startsWith('1.')) engines.push(new LocalInflux(version));
  else
    missing.push({
      name: 'InfluxDB 1.x',
      why: version ? `influxd on the PATH is ${version}` : 'no influxd on the PATH',
    });
  return { engines, missing };
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
