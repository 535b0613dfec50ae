import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeId } from '../../../src/alarms/engine/watch/place-id.js';
import { DEFAULT_RULES } from '../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../src/alarms/model/rule/rule.js';
import type { Device } from '../../../src/registry/port.js';
import { device, type Message, PARK, Run, smoke, T0 } from './helpers.js';

const S = 1_000;
const NEVER = 3_600_000;
const SMOKE = DEFAULT_RULES.find(({ id }) => id === 'smoke-alarm')!;
const met = { side: 'equal', setpoint: 1, inclusive: true } as const;
const level = (setpoint: number) => ({ name: 'alarm', setpoint, deadband: 0, priority: 'critical' }) as const;
/** Two of the detectors of a place, of smoke or heat. */
const TWO: AlarmRule = {
  ...SMOKE,
  id: 'fire-confirmed',
  family: 'fire-confirmed',
  signal: {
    kind: 'vote',
    scope: 'place',
    members: [
      { ...met, metric: 'smoke_alarm' },
      { ...met, metric: 'heat_alarm' },
    ],
  },
  comparison: { side: 'high', inclusive: true, levels: [level(2)] },
  maxGapS: 600,
};
const HERE = `fire-confirmed:${placeId(PARK, '3号楼2层')}`;
const ELSEWHERE = `fire-confirmed:${placeId(PARK, '9号楼')}`;

type Mutable = { -readonly [K in keyof Device]: Device[K] };
let dir: string;
let run: Run;
let devices: Mutable[];

const begin = async (more: Parameters<typeof Run.start>[1] = {}) => {
  run = await Run.start(dir, { defaults: [TWO], saveEveryMs: NEVER, ...more }, devices);
};
const heat = (ts: number, on: boolean, id: string): Message => ({ ...smoke(ts, on, id), values: { heat_alarm: on } });
const told = () => run.published.splice(0).map(({ event, cause, alarm }) => `${event} ${alarm.id} ${cause}`);
const set = (...rules: readonly AlarmRule[]) => run.alarms.setRules(rules);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'alarms-'));
  devices = [
    device('s-1'),
    device('s-2'),
    device('s-3'),
    device('far', { place: '9号楼' }),
    device('far-2', { place: '9号楼' }),
    device('nowhere', { place: null }),
    device('other-park', { park: 'lc-xiedu-1' }),
  ];
});
afterEach(async () => {
  await run.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('alarms of a place, by votes of its devices', () => {
  it('are raised and end once, with the place, by whichever devices vote', async () => {
    await begin();
    await run.send(smoke(T0, true, 's-1'));
    for (const id of ['far', 'nowhere']) await run.send(smoke(T0, true, id));
    await run.send({ ...smoke(T0, true, 'other-park'), park: 'lc-xiedu-1' });
    expect(told()).toEqual([]);
    await run.send(heat(T0 + S, true, 's-2'));
    expect(run.alarms.standing()).toMatchObject([
      { id: HERE, device: placeId(PARK, '3号楼2层'), place: '3号楼2层', park: PARK, enterprise: null, value: 2 },
    ]);
    await run.send(smoke(T0 + 2 * S, true, 's-3'));
    await run.send(heat(T0 + 3 * S, false, 's-2'));
    expect(told()).toEqual([`raised ${HERE} reading`]);
    await run.send(smoke(T0 + 4 * S, false, 's-1'));
    expect(told()).toEqual([`cleared ${HERE} reading`]);
  });

  it('remember over a kill who had voted', async () => {
    await begin();
    await run.send(smoke(T0, true, 's-1'));
    // The cursor goes past that vote with the event of another place.
    await run.send(smoke(T0 + S, true, 'far'));
    await run.send(heat(T0 + S, true, 'far-2'));
    expect(told()).toEqual([`raised ${ELSEWHERE} reading`]);
    run.crash();
    await begin();
    await run.send(smoke(T0 + 2 * S, true, 's-2'));
    expect(told()).toEqual([`raised ${HERE} reading`]);
  });

  it('can be shelved by their id like others, once a device of the place has reported', async () => {
    await begin();
    const remove = { kind: 'remove_from_service', comment: 'painting' } as const;
    expect(run.alarms.act([HERE], remove, 'op')[0]?.refused?.code).toBe('unknown_alarm');
    await run.send(smoke(T0, false, 's-1'));
    expect(run.alarms.act([HERE], remove, 'op')[0]?.refused).toBeNull();
    run.crash();
    await begin();
    expect(run.alarms.standing()).toMatchObject([{ id: HERE, place: '3号楼2层', suppression: 'out_of_service' }]);
  });

  it('end when the last device has left the place, and not before', async () => {
    await begin();
    await run.sendAll([smoke(T0, true, 's-1'), smoke(T0, true, 's-2')]);
    told();
    devices[0]!.place = '9号楼';
    await run.send(smoke(T0 + S, true, 's-1'));
    expect(told()).toEqual([]);
    devices[1]!.place = '9号楼';
    await run.send(smoke(T0 + 2 * S, true, 's-2'));
    expect(told()).toEqual([
      `cleared ${HERE} rule_withdrawn`,
      `reset ${HERE} rule_withdrawn`,
      `raised ${ELSEWHERE} reading`,
    ]);
    expect(run.alarms.stats.conditions).toBe(1);
  });

  it.each<[string, readonly AlarmRule[]]>([
    ['the rule is gone', []],
    ['it is for other parks', [{ ...TWO, version: 9, parks: ['lc-xiedu-1'] }]],
    ['it is for other devices', [{ ...TWO, version: 9, devices: ['far'] }]],
    [
      'it is of devices now',
      [{ ...TWO, version: 9, signal: { ...TWO.signal, scope: 'device' } as AlarmRule['signal'] }],
    ],
    ['it counts other votes', [{ ...TWO, version: 9, signal: { kind: 'value' } }]],
  ])('end when %s', async (_, rules) => {
    await begin();
    await run.sendAll([smoke(T0, true, 's-1'), smoke(T0, true, 's-2')]);
    told();
    set(...rules);
    expect(told()).toEqual([`cleared ${HERE} rule_withdrawn`, `reset ${HERE} rule_withdrawn`]);
    const [result] = run.alarms.act([HERE], { kind: 'acknowledge', comment: null }, 'op');
    expect(result?.refused).toBeNull();
  });

  it('go on when the rule only asks for more, for those too that no device has reported from since the start', async () => {
    await begin();
    await run.sendAll([smoke(T0, true, 's-1'), smoke(T0, true, 's-2')]);
    await run.stop();
    await begin();
    set({ ...TWO, version: 9, comparison: { ...TWO.comparison, levels: [level(3)] } });
    expect(told()).toEqual([]);
    await run.send(smoke(T0 + S, true, 's-1'));
    expect(told()).toEqual([`cleared ${HERE} reading`]);
    await run.send(smoke(T0 + 2 * S, true, 's-3'));
    expect(told()).toEqual([`raised ${HERE} reading`]);
  });

  it('take of the room of devices, and are refused when there is none', async () => {
    await begin({ maxConditions: 1 });
    await run.sendAll([smoke(T0, true, 's-1'), smoke(T0, true, 's-2'), smoke(T0, true, 'far'), heat(T0, true, 'far')]);
    expect(told()).toEqual([`raised ${HERE} reading`]);
    expect(run.alarms.stats.conditions).toBe(1);
    expect(run.alarms.stats.refusedConditions).toBeGreaterThan(0);
  });
});

describe('what signals remember', () => {
  const STUCK: AlarmRule = {
    ...DEFAULT_RULES.find(({ id }) => id === 'queue-long')!,
    id: 'queue-stuck',
    family: 'queue-stuck',
    signal: { kind: 'unchanged' },
    comparison: { side: 'high', inclusive: true, levels: [level(60)] },
    onDelayS: 0,
    maxGapS: 600,
  };
  const queue = (at: number, metres: number, id = 'gate-0'): Message => ({
    domain: 'traffic',
    device: id,
    ts: T0 + at * S,
    values: { queue_length_m: metres },
  });

  it('is stored by and by, so many at a time, and all of it on a stop', async () => {
    await begin({ defaults: [STUCK], saveEveryMs: 5 });
    const many = Array.from({ length: 1_200 }, (_, n) => `gate-${n}`);
    await run.sendAll(many.map((id) => queue(0, 7, id)));
    const count = () => run.state.db.prepare<[], number>('SELECT count(memory) FROM alarm_watches').pluck().get();
    await run.stop();
    await begin({ defaults: [STUCK] });
    expect(count()).toBe(1_200);
    await run.send(queue(60, 7, 'gate-1199'));
    expect(told()).toEqual(['raised queue-stuck:gate-1199 reading']);
  });

  it('goes with an alarm’s own changes, whatever waits', async () => {
    await begin({ defaults: [STUCK] });
    await run.send(queue(0, 7));
    run.alarms.act(['queue-stuck:gate-0'], { kind: 'shelve', comment: 'works', forS: 60, oneShot: false }, 'op');
    run.crash();
    await begin({ defaults: [STUCK] });
    run.alarms.act(['queue-stuck:gate-0'], { kind: 'unshelve', comment: null }, 'op');
    await run.send(queue(60, 7));
    expect(told().at(-1)).toBe('raised queue-stuck:gate-0 reading');
  });
});
