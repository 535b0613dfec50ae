import { describe, expect, it, onTestFinished } from 'vitest';
import { GatewayLink } from '../../../simulators/link/gateway-link.js';
import { provision } from '../../../simulators/provision.js';
import { ServiceApi } from '../../../simulators/service-api.js';
import { type LoadedYears, loadYears } from '../../../simulators/years/load.js';
import { countedIn, LEAVES, type ParkPlan, SILENT } from '../../../simulators/years/plan.js';
import { metersOf, ROLLS_OVER, SWAP, type YearMeter } from '../../../simulators/years/registers.js';
import { REVISED, statisticsOf, subjectOf } from '../../../simulators/years/statistics.js';
import { declineOf, figureOf, monthOf, monthText, type Tracked, yearFigure } from '../../../simulators/years/truth.js';
import { isIntensityMetric } from '../../../src/alarms/model/system.js';
import { ADMIN_TOKEN, testApp } from '../../helpers/app.js';

const NOW = Date.parse('2026-11-27T09:00:00+08:00');
const LAST = monthOf(2026, 10);
const PARKS = [ROLLS_OVER.park, SWAP.park, LEAVES.park, SILENT.park];
const SPAN = `from=${encodeURIComponent('2020-01-01T00:00:00+08:00')}&to=${encodeURIComponent('2026-11-01T00:00:00+08:00')}`;
/** Sums of quotients, added up in another order. */
const DIGITS = 10;

/** The service, some parks whose gateways are signed in, and what loads the years. */
async function startParks() {
  const service = await testApp({ PARK_RAW_DAYS: '4000' }, undefined, { clock: () => NOW });
  const api = new ServiceApi(service.app.http, ADMIN_TOKEN);
  const made = await provision(api, { parks: PARKS, seed: 1, expectedIntervalS: 60 });
  const parks = made.map(({ site, gateway, secret }) => ({
    site,
    link: new GatewayLink({ broker: service.app.mqtt, park: site.id, gateway, secret, now: () => NOW }),
  }));
  onTestFinished(async () => {
    await Promise.all(parks.map(({ link }) => link.close()));
  });
  await Promise.all(parks.map(({ link }) => link.connect()));
  let sent = 0;
  /** Loads; with `until`, as somebody who presses Ctrl-C after so many messages. */
  const load = (until = Number.POSITIVE_INFINITY) => {
    const stop = new AbortController();
    sent = 0;
    const counting = parks.map(({ site, link }) => ({
      site,
      link: {
        publish: (topic: string, payload: string | Buffer) => {
          sent += 1;
          if (sent >= until) stop.abort();
          return link.publish(topic, payload);
        },
      },
    }));
    const log = { write: () => true } as unknown as NodeJS.WritableStream;
    return loadYears(api, counting, { now: () => NOW, log, signal: stop.signal });
  };
  return { ...service, api, load, messages: () => sent };
}

describe('the years since 2020, through API and MQTT', () => {
  it('come out as the truth says, also after an interruption, and twice', { timeout: 120_000 }, async () => {
    const { get, api, load, messages } = await startParks();
    expect(await load(60)).toBeNull();
    expect(await api.get('/statistics?limit=1')).toMatchObject({ items: [] });
    const { plans, last } = (await load()) as LoadedYears;
    expect(last).toBe(LAST);
    const planOf = (id: string) => plans.find((plan) => plan.id === id)!;
    const meterOf = (park: string, firm: string | null, carrier: YearMeter['carrier'] = 'electricity') =>
      metersOf(planOf(park)).find((one) => one.carrier === carrier && (one.firm?.id ?? null) === firm)!;

    // Months of registers: a roll-over, an exchange in mid-month, a firm that leaves, a main meter, wastewater.
    const meters = [
      meterOf(ROLLS_OVER.park, ROLLS_OVER.firm),
      meterOf(SWAP.park, SWAP.firm),
      meterOf(SWAP.park, null),
      meterOf(LEAVES.park, LEAVES.firm, 'wastewater'),
    ];
    const consumptionOf = async ({ park, device, register, carrier }: YearMeter) =>
      get(`/api/v1/consumption?park=${park}&device=${device}&register=${register}&carrier=${carrier}&${SPAN}`);
    for (const meter of meters) {
      const { rows } = await consumptionOf(meter);
      expect(rows).toHaveLength(LAST - monthOf(2020, 1) + 1);
      const measured = rows.map((row: { amount: number }, i: number) => [monthText(monthOf(2020, 1) + i), row.amount]);
      const truth = rows.map((_: unknown, i: number) => {
        const month = monthOf(2020, 1) + i;
        return [monthText(month), meter.used(month)];
      });
      expect(measured).toEqual(truth);
      const incomplete = rows.filter(
        ({ completeness }: { completeness: number | null }) => completeness !== null && completeness < 1,
      );
      expect(incomplete).toEqual([]);
    }

    // Intensity, decline and verdict of each park.
    const ask = (park: string, tracked: Tracked, year = 2026) =>
      // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the test
      api.assessment<any>(`/intensity?scope=park:${park}&carrier=${tracked}&year=${year}`);
    const expectTruth = async (plan: ParkPlan, tracked: Tracked) => {
      const answer = await ask(plan.id, tracked);
      for (const { year, value } of answer.path.filter((row: { year: number }) => row.year <= 2025)) {
        expect(value, `${plan.id} ${tracked} ${year}`).toBeCloseTo(yearFigure([plan], tracked, year).intensity, DIGITS);
      }
      return answer;
    };
    for (const plan of plans) {
      const { verdict, figure } = await expectTruth(plan, 'energy');
      if (plan.id === SILENT.park) {
        expect(verdict.verdict).toBe('not_assessable');
        expect(verdict.reasons[0]).toMatchObject({ code: 'added_value_missing' });
        continue;
      }
      const firms = countedIn(plan, 2026).map((firm) => ({ plan, firm }));
      const soFar = figureOf(firms, 'energy', monthOf(2026, 1), LAST);
      expect(figure.value).toBeCloseTo(soFar.intensity, DIGITS);
      expect(figure.addedValue).toBe(soFar.addedValue);
      expect(figure.completeness).toBe(1);
      expect(verdict.verdict).toBe('on_track');
      expect(Math.abs(verdict.decline - declineOf([plan], 'energy', 2020, 2026))).toBeLessThan(0.004);
    }
    await expectTruth(planOf(SWAP.park), 'wastewater');

    // After a firm has left, last year is restated on this year's set.
    const leaves = planOf(LEAVES.park);
    const { yearToDate, path } = await ask(LEAVES.park, 'energy', LEAVES.lastYear + 1);
    const restated = yearFigure([leaves], 'energy', LEAVES.lastYear, LEAVES.lastYear + 1).intensity;
    const own = yearFigure([leaves], 'energy', LEAVES.lastYear).intensity;
    expect(yearToDate.previous.value).toBeCloseTo(restated, DIGITS);
    expect(path.find(({ year }: { year: number }) => year === LEAVES.lastYear).value).toBeCloseTo(own, DIGITS);
    expect(Math.abs(own / restated - 1)).toBeGreaterThan(0.001);

    // What was believed before the revision is still answered as known then.
    const subject = subjectOf({ park: REVISED.park, id: REVISED.firm });
    const { revised } = statisticsOf(plans, LAST);
    const history = await api.get<{ items: { version: number; status: string; figure: { amount: number } }[] }>(
      `/statistics/history?subject=${subject}&period=2025-12`,
    );
    const [first, second, third] = history.items;
    expect(history.items.map(({ status }) => status)).toEqual(['preliminary', 'final', 'final']);
    expect(third!.figure.amount).toBe(revised[0]!.figure.amount);
    const believed = async (version: number) => {
      const query = `scope=park:${REVISED.park}&year=2025&limit=1000&asOf=version:${version}`;
      const { items } = await get(`/api/v1/statistics?${query}`);
      return items.find(
        (one: { subject: string; period: string }) => one.subject === subject && one.period === '2025-12',
      );
    };
    for (const one of [first!, second!, third!])
      expect(await believed(one.version)).toMatchObject({ figure: one.figure });

    // A second start finds all of it, and doubles nothing.
    const before = await consumptionOf(meters[1]!);
    const versions = await get('/api/v1/meters/gap-rules?limit=1');
    expect(await load()).not.toBeNull();
    expect(messages()).toBe(0);
    expect((await get(`/api/v1/meters/swaps?park=${SWAP.park}`)).items).toHaveLength(1);
    expect(await get('/api/v1/meters/gap-rules?limit=1')).toEqual(versions);
    expect(await consumptionOf(meters[1]!)).toEqual(before);
    expect(await api.get(`/statistics/history?subject=${subject}&period=2025-12`)).toEqual(history);

    // Readings of years ago tell nobody of an alarm. What the 5 % warns of, such as statistics that are really overdue,
    // comes with the beat of the verdicts, at any time.
    const { items } = await get('/api/v1/alarms?limit=100');
    expect(items.filter(({ metric }: { metric: string }) => !isIntensityMetric(metric))).toEqual([]);
  });
});
