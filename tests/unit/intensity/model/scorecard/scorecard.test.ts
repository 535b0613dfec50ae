import { describe, expect, it } from 'vitest';
import type { ParkFigures } from '../../../../../src/intensity/model/scorecard/figures.js';
import { coverageGaps } from '../../../../../src/intensity/model/scorecard/figures.js';
import { scorecards } from '../../../../../src/intensity/model/scorecard/scorecard.js';
import type { Item } from '../../../../../src/intensity/model/scorecard/targets.js';

const NOW = Date.UTC(2026, 10, 26);
const HOUR = 3_600_000;
const live = { energy: NOW - HOUR, wastewater: NOW - HOUR, fire: NOW, traffic: NOW - 23 * HOUR };
const all = (months: number) => ({ addedValue: months, output: months, tax: months });
const WHOLE = { year: 2025, months: all(12) };

/** A park of 1,000 mu that meets each target exactly, unless told otherwise. */
const park = (parkId: string, other: Partial<ParkFigures> = {}): ParkFigures => ({
  ...{ parkId, district: 'ouhai', areaMu: 1000, output: 8e9, addedValue: 2e9, tax: 4e8, leadingAddedValue: 1.4e9 },
  ...{ lastReceivedAt: live, ...other },
});

function line(parks: readonly ParkFigures[], id: string, item: Item, year = WHOLE) {
  const { target, ...verdict } = scorecards(parks, year, NOW)
    .find((card) => card.id === id)!
    .lines.find((one) => one.target.item === item)!;
  return { clause: target.clause, ...verdict };
}

describe('the policy scorecard', () => {
  it('meets a target at exactly its figure', () => {
    const [card] = scorecards([park('a')], WHOLE, NOW);
    expect(card!.lines.map(({ target, verdict }) => [target.item, verdict])).toEqual([
      ['added_value_per_mu', 'met'],
      ['output_per_mu', 'no_target'],
      ['tax_per_mu', 'met'],
      ['leading_industry_share', 'met'],
      ['digital_coverage', 'met'],
    ]);
  });

  it('says by how much a target is missed, in its unit and as a share', () => {
    const parks = [park('a', { addedValue: 1.5e9, tax: 3e8 })];
    expect(line(parks, 'a', 'added_value_per_mu')).toEqual({
      ...{ clause: '二(1), annex 4', verdict: 'missed', value: 1_500_000, by: 500_000, byShare: 0.25 },
    });
    expect(line(parks, 'a', 'tax_per_mu')).toMatchObject({ verdict: 'missed', value: 300_000, by: 100_000 });
    expect(line(parks, 'a', 'leading_industry_share').verdict).toBe('met');
  });

  it('does not miss a target by the rounding of a sum', () => {
    const parks = [0.1, 0.1, 0.1].map((share, i) =>
      park(`p${i}`, { addedValue: share, leadingAddedValue: share * 0.7 }),
    );
    expect((3 * (0.1 * 0.7)) / (0.1 + 0.1 + 0.1)).toBeLessThan(0.7);
    expect(line(parks, 'city', 'leading_industry_share').verdict).toBe('met');
  });

  it('divides sums of a district by sums, not means of parks', () => {
    const parks = [park('a', { areaMu: 3000, addedValue: 3e9 }), park('b', { areaMu: 1000, addedValue: 3e9 })];
    expect(line(parks, 'ouhai', 'added_value_per_mu')).toMatchObject({ verdict: 'missed', value: 1_500_000 });
  });

  it('names the parks an unknown figure waits for, and what the others come to', () => {
    const parks = [park('a'), park('b', { addedValue: null, tax: null })];
    expect(line(parks, 'b', 'tax_per_mu')).toMatchObject({ verdict: 'unknown', why: 'not_reported', known: null });
    expect(line(parks, 'ouhai', 'added_value_per_mu')).toMatchObject({
      ...{ verdict: 'unknown', why: 'not_reported', parks: ['b'], known: 2_000_000 },
    });
    expect(line(parks, 'ouhai', 'leading_industry_share')).toMatchObject({
      why: 'not_reported',
      parks: ['b'],
      known: 0.7,
    });
    expect(line(parks, 'ouhai', 'output_per_mu')).toMatchObject({ verdict: 'no_target', value: 8_000_000 });
  });

  it('does not judge a share of nothing, of a loss, or a part larger than its whole', () => {
    expect(line([park('a', { areaMu: 0 })], 'a', 'tax_per_mu')).toMatchObject({
      why: 'divisor_not_positive',
      parks: ['a'],
    });
    expect(line([park('a', { addedValue: -1, leadingAddedValue: -2 })], 'a', 'leading_industry_share')).toMatchObject({
      ...{ verdict: 'unknown', why: 'divisor_not_positive' },
    });
    const parks = [park('a', { leadingAddedValue: 3e9 }), park('b', { leadingAddedValue: 0 })];
    expect(line(parks, 'city', 'leading_industry_share')).toMatchObject({ why: 'part_not_of_whole', parks: ['a'] });
  });

  it('sums the city over all 17 parks and no fewer', () => {
    const parks = Array.from({ length: 17 }, (_, i) => park(`p${i}`));
    expect(line(parks, 'city', 'output')).toEqual({ clause: '二', verdict: 'met', value: 136e9 });
    expect(line(parks, 'city', 'added_value')).toMatchObject({ verdict: 'met', value: 34e9 });
    const poor = parks.map((one) => ({ ...one, tax: 2e8 }));
    expect(line(poor, 'city', 'tax')).toMatchObject({ verdict: 'missed', value: 3.4e9, by: 2.6e9 });
    expect(line(parks.slice(1), 'city', 'output')).toMatchObject({ why: 'parks_missing', known: 128e9 });
    expect(scorecards(parks, WHOLE, NOW).map(({ kind }) => kind)).toEqual([
      ...parks.map(() => 'park'),
      'district',
      'city',
    ]);
  });

  it('never calls a running year missed, and a target met early met', () => {
    const year = { year: 2026, months: all(10) };
    const parks = [park('a', { tax: 3.9e8 })];
    expect(line(parks, 'a', 'tax_per_mu', year)).toMatchObject({
      verdict: 'unknown',
      why: 'year_not_complete',
      known: 390_000,
    });
    expect(line(parks, 'a', 'added_value_per_mu', year).verdict).toBe('met');
  });

  it('counts parks and domains heard of within the last day', () => {
    const { fire: _, ...without } = live;
    const parks = [park('a'), park('b', { lastReceivedAt: { ...without, traffic: NOW - 24 * HOUR } })];
    expect(line(parks, 'b', 'digital_coverage')).toMatchObject({ verdict: 'missed', value: 0.5 });
    expect(line(parks, 'city', 'digital_coverage')).toMatchObject({ verdict: 'missed', value: 0.75, by: 0.25 });
    expect(coverageGaps({ kind: 'city', id: 'city', parks }, NOW)).toEqual({
      silent: [
        { parkId: 'b', domain: 'fire' },
        { parkId: 'b', domain: 'traffic' },
      ],
      areasNotShown: ['security', 'production_analysis'],
    });
  });

  it('refuses figures that are no numbers and a park twice', () => {
    expect(() => scorecards([park('a', { tax: Number.NaN })], WHOLE, NOW)).toThrow('park a');
    expect(() => scorecards([park('a'), park('a')], WHOLE, NOW)).toThrow('park a is there twice');
    expect(() => scorecards([park('a')], { year: 2026, months: all(13) }, NOW)).toThrow(RangeError);
  });

  it('says with no park at all that it knows nothing', () => {
    const [city] = scorecards([], WHOLE, NOW);
    expect(city!.lines.map(({ verdict }) => verdict)).toEqual(city!.lines.map(() => 'unknown'));
  });
});
