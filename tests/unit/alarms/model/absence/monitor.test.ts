import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AbsenceMonitor,
  type AbsenceSettings,
  silenceBoundMs,
} from '../../../../../src/alarms/model/absence/monitor.js';

const S = 1_000;
const MIN = 60 * S;

/** A park in seconds: gateway g with devices a, b, c of 20 s (bound 60 s), all heard at 0, the service up since 0. */
class Park {
  readonly monitor: AbsenceMonitor;
  readonly said: string[] = [];
  #now = 0;

  constructor(settings: Partial<AbsenceSettings> = {}) {
    this.monitor = new AbsenceMonitor(0, { gatewayDownMs: 90 * S, ...settings });
  }

  watch(ids: string, gateway = 'g', boundS = 60, atS = 0): this {
    for (const id of ids) this.monitor.watch(id, { device: id, gateway, boundMs: boundS * S }, atS * S);
    return this;
  }

  heard(ids: string, atS: number): this {
    this.until(atS);
    for (const id of ids) this.monitor.noteReceipt(id, atS * S);
    return this;
  }

  /** Hears the devices every `everyS` seconds. */
  running(ids: string, toS: number, everyS = 20): this {
    for (let atS = this.#now + everyS; atS <= toS; atS += everyS) this.heard(ids, atS);
    return this;
  }

  link(online: boolean, atS: number, gateway = 'g'): this {
    this.until(atS);
    this.monitor.connection(gateway, online, atS * S);
    return this;
  }

  /** Ticks every second. */
  until(atS: number): this {
    while (this.#now < atS) {
      this.#now += 1;
      for (const { kind, id, began } of this.monitor.tick(this.#now * S)) {
        this.said.push(`${this.#now} ${began ? '+' : '-'}${kind} ${id}`);
      }
    }
    return this;
  }

  silent(): Record<string, number> {
    const seconds: Record<string, number> = {};
    this.monitor.forEachSilent(this.#now * S, (id, value) => {
      seconds[id] = value;
    });
    return seconds;
  }
}

const park = (settings?: Partial<AbsenceSettings>) => new Park(settings).watch('abc').heard('abc', 0);

describe('the bound of a series', () => {
  it.each([
    [10 * S, null, 60 * S],
    [20 * S, null, 60 * S],
    [5 * MIN, null, 15 * MIN],
    [5 * MIN, 30 * S, 30 * S],
    [null, 30 * S, 30 * S],
    [null, null, null],
  ])('of %s ms expected and %s ms configured is %s ms', (expected, configured, bound) => {
    expect(silenceBoundMs(expected, configured)).toBe(bound);
  });
});

describe('a silent sensor', () => {
  it('is found when overdue beside others that are heard, and until it speaks', () => {
    const site = park().running('abc', 100).running('bc', 300);
    expect(site.said).toEqual(['161 +series_silent a']);
    expect(site.silent()).toEqual({ a: 140 });
    site.heard('a', 310).running('abc', 400);
    expect(site.said.slice(1)).toEqual(['311 -series_silent a']);
    expect(site.silent()).toEqual({});
  });

  it('is found by each series’ own bound, among them the slowest', () => {
    const site = new Park().watch('a').watch('d', 'g', 900).watch('e', 'g', 86_400).heard('ade', 0).running('a', 1_000);
    expect(site.said).toEqual(['901 +series_silent d']);
  });

  it('is found by a single slow companion, though nobody else can prove the gateway', () => {
    const site = new Park().watch('a').watch('d', 'g', 2_700).heard('ad', 0);
    for (let atS = 890; atS < 4_000; atS += 890) site.heard('d', atS);
    // Mute for a bound of a: its grace begins at 890; the next of d proves that a alone is missing.
    expect(site.said).toEqual(['1781 +series_silent a']);
  });

  it('is not judged where no interval is expected, and yet proves its gateway', () => {
    const site = park();
    site.monitor.watch('x', { device: 'x', gateway: 'g', boundMs: null }, 0);
    site.running('xbc', 100).until(110).running('x', 2_000);
    expect(site.said.filter((line) => line.includes('gateway'))).toEqual([]);
    expect(Object.keys(site.silent()).sort()).toEqual(['a', 'b', 'c']);
  });

  it('tells whether anything else of its device is heard', () => {
    const monitor = new AbsenceMonitor(0);
    for (const [id, device] of [
      ['a/ph', 'a'],
      ['a/cod', 'a'],
      ['b/ph', 'b'],
      ['c/ph', 'c'],
    ] as const) {
      monitor.watch(id, { device, gateway: 'g', boundMs: 60 * S }, 0);
      monitor.noteReceipt(id, 1);
    }
    for (let at = 20 * S; at <= 80 * S; at += 20 * S) {
      monitor.noteReceipt('a/cod', at);
      monitor.noteReceipt('c/ph', at);
    }
    const found = monitor.tick(80 * S).map(({ id, wholeDevice }) => [id, wholeDevice]);
    expect(found).toEqual([
      ['a/ph', false],
      ['b/ph', true],
    ]);
  });
});

describe('a gateway', () => {
  it('that goes offline is one finding, and none of its devices', () => {
    const site = park().running('abc', 100).link(false, 105).until(400);
    expect(site.said).toEqual(['195 +gateway_down g']);
    expect(site.monitor.gatewayAbsence('g', 400 * S)).toEqual({ kind: 'gateway_down', seconds: 205 });
    site.link(true, 400).running('abc', 500);
    expect(site.said.slice(1)).toEqual(['401 -gateway_down g']);
    expect(site.monitor.gatewayAbsence('g', 500 * S)).toBeNull();
  });

  it('that is offline for less than its bound is no finding', () => {
    expect(park().running('abc', 100).link(false, 105).link(true, 190).running('abc', 400).said).toEqual([]);
  });

  it('that is connected and mute is one finding, and none of its devices', () => {
    const site = park().running('abc', 100).until(400);
    expect(site.said).toEqual(['160 +gateway_silent g']);
    expect(site.monitor.gatewayAbsence('g', 400 * S)).toEqual({ kind: 'gateway_silent', seconds: 240 });
    site.heard('a', 401).running('abc', 600);
    expect(site.said.slice(1)).toEqual(['402 -gateway_silent g']);
  });

  it('that is mute and then goes offline is down, no longer silent', () => {
    const site = park().until(70).link(false, 100).until(300);
    expect(site.said).toEqual(['60 +gateway_silent g', '190 -gateway_silent g', '190 +gateway_down g']);
  });

  it('is mute by the longest bound of its devices, but not beyond a quarter of an hour while some are quicker', () => {
    expect(new Park().watch('a').watch('d', 'g', 600).heard('ad', 0).until(2_000).said).toEqual([
      '600 +gateway_silent g',
    ]);
    expect(new Park().watch('a').watch('d', 'g', 86_400).heard('ad', 0).until(2_000).said).toEqual([
      '900 +gateway_silent g',
    ]);
    expect(new Park().watch('d', 'g', 5_400).heard('d', 0).until(6_000).said).toEqual(['5400 +gateway_silent g']);
  });

  it('that is mute for less than its bound spoils no device when it is heard again', () => {
    const site = new Park().watch('abc').watch('d', 'g', 600).heard('abcd', 0).running('abc', 100).until(500);
    site.heard('a', 500).until(515).heard('b', 515).running('abc', 700, 15);
    expect(site.said).toEqual([]);
  });

  it('gives each device its full bound once it is back, and then finds those that stay away', () => {
    const site = park().running('abc', 100).link(false, 105).link(true, 300).heard('b', 301).running('b', 600);
    expect(site.said).toEqual([
      '195 +gateway_down g',
      '301 -gateway_down g',
      // b is heard at 361, the first time after both were due at 360
      '362 +series_silent a',
      '362 +series_silent c',
    ]);
  });

  it('says nothing of a silent sensor while it is away itself, and does not call it heard', () => {
    const site = park().running('abc', 100).running('bc', 200).link(false, 205).until(400);
    expect(site.said).toEqual(['161 +series_silent a', '295 +gateway_down g']);
    expect(site.silent()).toEqual({});
    site.link(true, 400).heard('b', 401).running('bc', 441);
    expect(site.silent()).toEqual({});
    site.running('bc', 481);
    expect(site.silent()).toEqual({ a: 21 });
    expect(site.said.slice(2)).toEqual(['401 -gateway_down g']);
  });

  it('is back when something is received after it went offline, not when something from before comes in', () => {
    const site = park().running('abc', 100).link(false, 105).until(200);
    site.monitor.noteReceipt('a', 104 * S);
    site.until(202);
    expect(site.said).toEqual(['195 +gateway_down g']);
    site.monitor.noteReceipt('a', 201 * S);
    site.until(204);
    expect(site.said.slice(1)).toEqual(['203 -gateway_down g']);
  });

  it('is not called mute while a slow device that was heard before it went offline still has its bound', () => {
    const site = park().watch('d', 'g', 300).heard('d', 1).running('abc', 100).link(false, 101).link(true, 110);
    site.heard('a', 111).until(400);
    expect(site.said).toEqual([]);
    expect(site.until(420).said).toEqual(['411 +gateway_silent g']);
  });

  it('without devices is never silent, but down', () => {
    const site = new Park().link(true, 1, 'h').until(4_000);
    expect(site.said).toEqual([]);
    expect(site.link(false, 4_000, 'h').until(4_100).said).toEqual(['4090 +gateway_down h']);
  });
});

describe('the start of the service', () => {
  it('finds nothing absent before it has had its full bound', () => {
    const monitor = new AbsenceMonitor(1_000 * S);
    monitor.watch('a', { device: 'a', gateway: 'g', boundMs: 60 * S }, 0);
    monitor.watch('b', { device: 'b', gateway: 'h', boundMs: 60 * S }, 0);
    monitor.connection('h', false, 0);
    expect(monitor.tick(1_059 * S)).toEqual([]);
    expect(monitor.tick(1_060 * S).map(({ kind, id }) => [kind, id])).toEqual([['gateway_silent', 'g']]);
    expect(monitor.tick(1_119 * S)).toEqual([]);
    expect(monitor.tick(1_120 * S).map(({ kind, id }) => [kind, id])).toEqual([['gateway_down', 'h']]);
  });

  it('gives devices their bound from when their gateway first speaks', () => {
    const site = new Park().watch('abc').until(50).heard('a', 55).running('ab', 95, 20);
    expect(site.said).toEqual([]);
    expect(site.running('ab', 135).said).toEqual(['116 +series_silent c']);
  });

  it('raises nothing when 17 gateways with 200 devices each return at once', () => {
    const monitor = new AbsenceMonitor(0);
    const found: string[] = [];
    const tick = (atS: number) => found.push(...monitor.tick(atS * S).map(({ kind, began }) => `${began} ${kind}`));
    const each = (visit: (gateway: string, device: string, n: number) => void) => {
      for (let g = 0; g < 17; g += 1) for (let d = 0; d < 200; d += 1) visit(`g${g}`, `g${g}-d${d}`, d);
    };
    each((gateway, device) => monitor.watch(device, { device, gateway, boundMs: 60 * S }, 0));
    each((_, device) => monitor.noteReceipt(device, 10 * S));
    for (let g = 0; g < 17; g += 1) monitor.connection(`g${g}`, false, 11 * S);
    for (let atS = 12; atS <= 400; atS += 1) tick(atS);
    expect(found).toEqual(Array(17).fill('true gateway_down'));
    found.length = 0;
    for (let g = 0; g < 17; g += 1) monitor.connection(`g${g}`, true, 400 * S);
    // Every device comes back in its own second of the next minute.
    for (let atS = 401; atS <= 700; atS += 1) {
      each((_, device, n) => {
        if ((atS - 401) % 50 === n % 50) monitor.noteReceipt(device, atS * S);
      });
      tick(atS);
    }
    expect(found).toEqual(Array(17).fill('false gateway_down'));
  });
});

describe('what is watched', () => {
  it('may change: another bound is judged anew, the same one goes on', () => {
    const site = park().running('abc', 100).running('bc', 200);
    expect(site.said).toEqual(['161 +series_silent a']);
    site.watch('a', 'g', 60, 200).running('bc', 220);
    expect(site.said).toHaveLength(1);
    site.watch('a', 'g', 100, 220).running('bc', 400);
    expect(site.said.slice(1)).toEqual(['221 -series_silent a', '321 +series_silent a']);
  });

  it('may end, alone or with its gateway', () => {
    const site = park().running('bc', 100);
    site.monitor.unwatch('a');
    site.monitor.unwatch('a');
    site.link(false, 101).until(300);
    site.monitor.forget('g');
    site.until(400);
    expect(site.said).toEqual([
      '61 +series_silent a',
      '101 -series_silent a',
      '191 +gateway_down g',
      '301 -gateway_down g',
    ]);
    expect(site.monitor.watched).toBe(0);
  });

  it('is bounded, and what is turned away is counted', () => {
    const monitor = new AbsenceMonitor(0, { maxSeries: 2, maxGateways: 1 });
    const watch = (id: string, gateway: string) => monitor.watch(id, { device: id, gateway, boundMs: 60 * S }, 0);
    expect([watch('a', 'g'), watch('b', 'g'), watch('c', 'g'), watch('d', 'h')]).toEqual([true, true, false, false]);
    monitor.connection('h', false, 0);
    expect(monitor.turnedAway).toBe(3);
    expect(monitor.watched).toBe(2);
    expect(watch('a', 'g')).toBe(true);
    monitor.unwatch('a');
    expect(watch('c', 'g')).toBe(true);
    expect(monitor.turnedAway).toBe(3);
  });

  it('is judged in bounded portions, none left out, and needs no work while all are heard', () => {
    const monitor = new AbsenceMonitor(0, { maxPerTick: 500 });
    for (let n = 0; n <= 2_000; n += 1) monitor.watch(`d${n}`, { device: `d${n}`, gateway: 'g', boundMs: 60 * S }, 0);
    for (let n = 0; n <= 2_000; n += 1) monitor.noteReceipt(`d${n}`, 1);
    for (let atS = 20; atS <= 61; atS += 20) monitor.noteReceipt('d0', atS * S);
    monitor.noteReceipt('d0', 61 * S);
    const portions = [61, 62, 63, 64, 65, 66].map((atS) => monitor.tick(atS * S).length);
    expect(portions.every((size) => size <= 500)).toBe(true);
    expect(portions.reduce((sum, size) => sum + size)).toBe(2_000);
  });
});

describe('gateways that go mute together', () => {
  it('are found in bounded portions, none left out', () => {
    const site = new Park({ maxPerTick: 5 });
    for (const gateway of 'pqrs')
      site.watch([0, 1, 2].map((n) => String.fromCharCode(gateway.charCodeAt(0) * 8 + n)).join(''), gateway);
    expect(site.until(80).said).toEqual([
      '60 +gateway_silent p',
      '60 +gateway_silent q',
      '61 +gateway_silent r',
      '61 +gateway_silent s',
    ]);
  });
});

describe('for any park', () => {
  const DEVICES = 'abcdef';
  /** Each device: its interval, and when (if ever) it dies for good; the gateway: outages, told or mute. */
  const stories = fc.record({
    intervals: fc.array(fc.constantFrom(5, 10, 20, 40, 100), { minLength: 6, maxLength: 6 }),
    dies: fc.array(fc.option(fc.integer({ min: 0, max: 2_000 }), { freq: 4, nil: null }), {
      minLength: 6,
      maxLength: 6,
    }),
    outages: fc.array(
      fc.record({
        quiet: fc.integer({ min: 350, max: 900 }),
        away: fc.integer({ min: 1, max: 700 }),
        told: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  });

  it('never counts a device silent that keeps its interval, or while its gateway is away or just back', () => {
    fc.assert(
      fc.property(stories, ({ intervals, dies, outages }) => {
        const site = new Park();
        [...DEVICES].forEach((id, n) => {
          site.watch(id, 'g', Math.max(60, 3 * intervals[n]!));
        });
        const away: { from: number; to: number; told: boolean }[] = [];
        let end = 0;
        for (const { quiet, away: length, told } of outages) {
          away.push({ from: end + quiet, to: end + quiet + length, told });
          end += quiet + length;
        }
        end += 1_000;
        for (let atS = 0; atS <= end; atS += 1) {
          const outage = away.find(({ from, to }) => atS >= from && atS < to);
          if (outage?.told && outage.from === atS) site.link(false, atS);
          if (away.some(({ to, told }) => told && to === atS)) site.link(true, atS);
          site.until(atS);
          [...DEVICES].forEach((id, n) => {
            const dead = dies[n] !== null && atS >= dies[n]!;
            if (!outage && !dead && atS % intervals[n]! === n % intervals[n]!) site.heard(id, atS);
          });
        }
        const isDead = (id: string, atS: number) => {
          const death = dies[DEVICES.indexOf(id)] ?? null;
          return death !== null && atS >= death;
        };
        for (const line of site.said) {
          const [time, what, id] = line.split(' ') as [string, string, string];
          const atS = Number(time);
          if (what === '+gateway_silent') {
            // It may be mute for one more interval after the outage.
            const mute = away.some(({ from, to, told }) => !told && atS > from && atS <= to + 100);
            expect(mute || [...DEVICES].every((device) => isDead(device, atS))).toBe(true);
          }
          if (what !== '+series_silent') continue;
          const boundS = Math.max(60, 3 * intervals[DEVICES.indexOf(id)]!);
          expect(isDead(id, atS)).toBe(true);
          for (const { from, to, told } of away) {
            expect(told && atS > from && atS < to + boundS).toBe(false);
          }
        }
        // The dead are found as long as two others live to prove the gateway.
        const living = [...DEVICES].filter((id) => !isDead(id, Number.POSITIVE_INFINITY));
        if (living.length < 2) return;
        const lastDeath = Math.max(...dies.map((death) => death ?? 0), away.at(-1)?.to ?? 0);
        if (end < lastDeath + 700) return;
        expect(Object.keys(site.silent()).sort()).toEqual([...DEVICES].filter((id) => !living.includes(id)));
      }),
      { numRuns: 60 },
    );
  });
});
