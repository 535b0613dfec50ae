import { describe, expect, it, vi } from 'vitest';
import { type Firm, world } from './world.js';

const CITY = { kind: 'city' } as const;
const ENERGY = { scope: CITY, carrier: 'energy', year: 2026 } as const;
const FIRMS = Array.from({ length: 34 }, (_, n): Firm => {
  const park = ['oh-diandu', 'lc-xiedu-1', 'lc-xiedu-2'][n % 3];
  return { member: `enterprise:${park}/firm-${n}`, size: 1, decline: 0.05 };
});

function city() {
  // Nothing is looked at but what a test asks for.
  const of = world(undefined, undefined, { beatMs: 3_600_000, coldWaitMs: 600_000 });
  of.putPolicy();
  for (const firm of FIRMS) of.addFirm(firm);
  for (const park of ['oh-diandu', 'lc-xiedu-1', 'lc-xiedu-2']) {
    const members = FIRMS.map(({ member }) => member).filter((one) => one.includes(park));
    of.putSets(`park:${park}`, members);
  }
  const { together, asked, time, room } = of;
  const reads = async (work: () => Promise<unknown>) => {
    [together.length, asked.length] = [0, 0];
    await work();
    return together.map(({ scopes, carriers }) => `${scopes} ${carriers[0]}`);
  };
  const timesRead = (carrier: string) => asked.filter((one) => one.endsWith(` ${carrier}`)).length;
  /** A question that comes so much later begins the next reading; waits until that has come to this carrier's end. */
  const later = async (ms: number, last: string, question: Parameters<typeof room.now>[0] = ENERGY) => {
    time.now += ms;
    await room.now(question);
    await vi.waitFor(() => expect(timesRead(last)).toBe(FIRMS.length), { timeout: 60_000, interval: 10 });
  };
  return { ...of, reads, later, timesRead };
}

describe('members of all parks', () => {
  it('are read together by a question, by its renewal and by all that is published', async () => {
    const { room, reads, later } = city();
    expect(await reads(() => room.now(ENERGY))).toEqual(['32 electricity', '2 electricity']);
    expect(await reads(() => room.now(ENERGY))).toEqual([]);
    expect(await reads(() => later(61_000, 'electricity'))).toEqual(['32 electricity', '2 electricity']);
    const fresh = city();
    expect(await fresh.reads(() => fresh.room.publish())).toEqual([
      ...['32 electricity', '2 electricity', '32 wastewater', '2 wastewater'],
    ]);
    // The first look after a start reads nothing anew of what clients asked for already.
    expect(await reads(() => room.publish())).toEqual(['32 wastewater', '2 wastewater']);
  });

  it('are read once for clients that ask at the same time', async () => {
    const { room, reads, timesRead } = city();
    const all = () => Promise.all([1, 2, 3].map((n) => room.now({ ...ENERGY, year: 2023 + n })));
    expect((await reads(all)).slice(0, 2)).toEqual(['32 electricity', '2 electricity']);
    expect(timesRead('electricity')).toBe(FIRMS.length);
  });

  it('are not kept from their figures by those of two parks that cannot be read', async () => {
    const { room, reads, failPark, asked } = city();
    failPark('oh-diandu', new RangeError('a meter that cannot be'));
    await reads(() => room.publish());
    const told = (id: string) =>
      room.told({ ...ENERGY, scope: { kind: 'park', id } }, 'latest')?.assessment.figure?.value;
    expect([told('oh-diandu'), told('lc-xiedu-1'), told('lc-xiedu-2')]).toEqual([
      undefined,
      expect.any(Number),
      expect.any(Number),
    ]);
    expect(
      asked.filter((one) => one.includes('lc-xiedu-1"') && one.includes('firm-1"') && one.endsWith('electricity')),
    ).toHaveLength(1);
  });
});

describe('media', () => {
  it('are read in the background for an hour after somebody asked for them, and no longer', async () => {
    const { room, reads, later, timesRead } = city();
    const isRead = () => timesRead('water') > 0;
    const media = { ...ENERGY, media: true };
    // Wastewater comes last in each reading.
    const next = (question?: typeof media) => reads(() => later(600_000, 'wastewater', question));
    await reads(() => room.now(media));
    expect(isRead()).toBe(true);
    await room.now({ ...ENERGY, carrier: 'wastewater' });
    await next();
    expect(isRead()).toBe(true);
    // Asked for again, the hour begins anew.
    await next(media);
    for (let i = 0; i < 5; i += 1) await next();
    expect(isRead()).toBe(true);
    await next();
    expect(isRead()).toBe(false);
    await next();
    expect([isRead(), timesRead('electricity')]).toEqual([false, FIRMS.length]);
    await reads(() => room.now(media));
    expect(isRead()).toBe(true);
  });
});
