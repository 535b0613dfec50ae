import { describe, expect, it } from 'vitest';
import { LivenessBook } from '../../../../src/alarms/absence/liveness-book.js';
import { DEFAULT_RULES } from '../../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../../src/alarms/model/rule/rule.js';
import { openFiles, withDir } from '../helpers.js';
import { S, Setup, World } from './helpers.js';

const HOUR_S = 3_600;
const EVERY_S = 4 * HOUR_S;
const cod = DEFAULT_RULES.find(({ id }) => id === 'cod-high')!;
const levels = cod.comparison.levels.map(({ onDelayS: _, ...level }) => level);
const rule: AlarmRule = { ...cod, comparison: { ...cod.comparison, levels } };

/** An analyser that nobody has registered, and that reports every four hours. */
const analyser = () =>
  new World()
    .gateway('gw')
    .sensor(
      'slow',
      'gw',
      { domain: 'wastewater', expectedIntervalS: null, origin: 'discovered' },
      { cod_mg_l: 30 },
      EVERY_S,
    );

/** What an earlier run has stored. */
function usualMs(dir: string, world: World) {
  const { state } = openFiles(dir);
  const heard = new LivenessBook({ registry: world.registry(), state });
  state.close();
  return (device: string, metric: string) => heard.learnedMs(device, metric);
}

/** Ten quiet readings, a restart, then `later` readings of 900; when alarms of the rule were raised, in hours after the first of them. */
async function raisedAfterRestart(changed: Partial<AlarmRule>, later: number) {
  const world = analyser();
  const step = async (setup: Setup) => {
    world.nowS += EVERY_S;
    setup.run.alarms.tick(world.wallClock() - 1);
    await setup.send(world.due());
    setup.watch.look();
  };
  return withDir(async (dir) => {
    const defaults = [{ ...rule, ...changed }];
    const first = await Setup.start(world, dir, { defaults });
    for (let n = 0; n < 10; n += 1) await step(first);
    await first.stop();

    const second = await Setup.start(world, dir, { defaults, usualMs: usualMs(dir, world) });
    world.sensors.get('slow')!.values = { cod_mg_l: 900 };
    const from = world.wallClock() + EVERY_S * S;
    for (let n = 0; n < later; n += 1) await step(second);
    const raised = second.run.published.filter(({ event, alarm }) => event === 'raised' && alarm.rule === rule.id);
    await second.stop();
    return raised.map(({ at }) => (at - from) / S / HOUR_S);
  });
}

describe('how often a quiet series comes is known after a restart', () => {
  it('a delay that begins after it runs from its first reading on', async () => {
    expect(await raisedAfterRestart({ onDelayS: 10 * HOUR_S, maxGapS: null }, 4)).toEqual([10]);
  });

  it('a gap of the rule that is shorter than the interval does not keep a delay from running', async () => {
    expect(await raisedAfterRestart({ onDelayS: 10 * HOUR_S, maxGapS: 7_200 }, 4)).toEqual([10]);
  });

  it('nor a signal that looks at what the value does over time', async () => {
    const stuck: Partial<AlarmRule> = {
      signal: { kind: 'unchanged' },
      comparison: { ...rule.comparison, levels: [{ ...levels[0]!, setpoint: 23 * HOUR_S, deadband: 0 }] },
      ...{ onDelayS: 0, maxGapS: 7_200 },
    };
    expect(await raisedAfterRestart(stuck, 8)).toEqual([24]);
  });
});
