import { describe, expect, it } from 'vitest';
import { entersStatistics, judgeValues, type PeriodMark } from '../../../../src/emissions/model/validity/judge.js';
import { defaultValidityRules } from '../../../../src/emissions/model/validity/rules.js';
import { EMISSION_FLAGS, type EmissionValue, latestValues } from '../../../../src/emissions/model/validity/value.js';
import { HOUR_MS } from '../../../../src/model/time/duration.js';
import { at, COD, FLOW, hourly, value } from './helpers.js';

const judged = (values: readonly EmissionValue[], marks: readonly PeriodMark[] = [], rules = COD) =>
  judgeValues('cod_mg_l', values, rules, marks);
const verdicts = (...given: Parameters<typeof judged>) =>
  judged(...given).map(({ verdict, reason }) => (reason === null ? verdict : `${verdict} ${reason}`));

describe('a value is', () => {
  it('invalid with any flag but N, which is named', () => {
    const found = EMISSION_FLAGS.map((flag) => verdicts([value(at(0), 50, { flag })])[0]);
    const flagged = 'invalid flag';
    expect(found).toEqual([
      'valid',
      ...new Array(4).fill(flagged),
      'invalid calibration',
      ...new Array(3).fill(flagged),
    ]);
  });

  it('invalid outside the plausible range, whose ends are within', () => {
    expect(verdicts([-0.1, 0, 5_000, 5_000.1].map((one, hour) => value(at(hour * 7), one)))).toEqual([
      ...['invalid range', 'valid', 'valid', 'invalid range'],
    ]);
  });

  it('kept as it came, whatever the verdict', () => {
    const [one] = judged([value(at(0), -3, { flag: 'D', min: 1 })]);
    expect(one).toMatchObject({ value: -3, flag: 'D', min: 1 });
  });

  it('suspect where its own mean is outside its extremes: a real message of 2024', () => {
    const said = value(at(0), 66.09, { min: 392.51, max: 403.98 });
    expect(verdicts([said])).toEqual(['suspect min_avg_max']);
    expect(verdicts([value(at(0), 66.09, { min: 60, max: 66.09 })])).toEqual(['valid']);
    expect(verdicts([value(at(0), 66.1, { min: 60, max: 66.09 })])).toEqual(['suspect min_avg_max']);
  });

  it('suspect where flow and volume disagree', () => {
    const of = (volume: number) =>
      judgeValues('flow_l_s', [value(at(0), 66.09, { intervalMs: 600_000, volume })], FLOW, []).map(
        ({ reason }) => reason,
      );
    // 66.09 L/s for 600 s are 39.654 m³; the message said 237.91.
    expect([237.91, 39.7, 41.5, 42, 37.5, 0].map((volume) => of(volume)[0])).toEqual([
      ...['flow_volume', null, null, 'flow_volume', 'flow_volume', 'flow_volume'],
    ]);
  });

  it('suspect after a jump, which a gap is not', () => {
    expect(verdicts([value(at(0), 30), value(at(1), 301), value(at(2), 302)])).toEqual([
      'valid',
      'suspect jump',
      'valid',
    ]);
    expect(verdicts([value(at(0), 30), value(at(1), 300)])).toEqual(['valid', 'valid']);
    expect(verdicts([value(at(0), 30), value(at(7), 301)])).toEqual(['valid', 'valid']);
    // A flagged value between them is no measure of it.
    expect(verdicts([value(at(0), 30), value(at(1), 0, { flag: 'D' }), value(at(2), 100)])[2]).toBe('valid');
    expect(entersStatistics({ verdict: 'suspect' }, COD)).toBe(true);
    expect(entersStatistics({ verdict: 'suspect' }, { ...COD, suspectCounts: false })).toBe(false);
  });
});

describe('an instrument that stands still', () => {
  it('is invalid for all of the run, once it is long enough', () => {
    expect(verdicts(hourly((hour) => (hour < 9 ? 7.02 : 20 + hour), 12))).toEqual([
      ...new Array(9).fill('invalid frozen'),
      ...new Array(3).fill('valid'),
    ]);
    expect(verdicts(hourly(() => 7.02, 8))).toEqual(new Array(8).fill('valid'));
  });

  it('stands still across flagged values, which keep their own reason', () => {
    const values = hourly(() => 7.02, 10).map((one, hour) =>
      hour === 4 ? { ...one, value: 1, flag: 'C' as const } : one,
    );
    expect(verdicts(values).filter((one) => one === 'invalid frozen')).toHaveLength(9);
    expect(verdicts(values)[4]).toBe('invalid calibration');
  });

  it('may stand still near zero', () => {
    expect(new Set(verdicts(hourly(() => 2, 24)))).toEqual(new Set(['valid']));
    expect(new Set(verdicts(hourly(() => 2.1, 24)))).toEqual(new Set(['invalid frozen']));
  });

  it('needs as many values as hours: a probe of every minute is not frozen by eight of them', () => {
    const minutes = Array.from({ length: 400 }, (_, minute) => value(at(0, minute), 7.02));
    expect(new Set(verdicts(minutes))).toEqual(new Set(['valid']));
  });
});

describe('what somebody said of a period', () => {
  const mark = (verdict: PeriodMark['verdict'], saidAt: number, more: Partial<PeriodMark> = {}): PeriodMark => ({
    ...{ from: at(1), to: at(3), metric: 'cod_mg_l', verdict, by: '王', at: saidAt, why: 'pump exchanged', ...more },
  });
  const values = hourly((hour) => 50 + hour, 4);

  it('makes its values invalid, from its beginning to before its end', () => {
    expect(verdicts(values, [mark('invalid', 1)])).toEqual(['valid', 'invalid marked', 'invalid marked', 'valid']);
    expect(verdicts(values, [mark('invalid', 1, { metric: null })])[1]).toBe('invalid marked');
    expect(verdicts(values, [mark('invalid', 1, { metric: 'tp_mg_l' })])[1]).toBe('valid');
  });

  it('is withdrawn by what was said later', () => {
    expect(verdicts(values, [mark('withdrawn', 2), mark('invalid', 1)])).toEqual(new Array(4).fill('valid'));
    expect(verdicts(values, [mark('invalid', 3), mark('withdrawn', 2)])[1]).toBe('invalid marked');
  });

  it('confirms what the service found, and keeps the finding; it lifts no flag and no range', () => {
    const said = [mark('valid', 1, { to: at(20) })];
    expect(verdicts([value(at(0), 30), value(at(1), 400)], said)).toEqual(['valid', 'valid jump']);
    expect(
      verdicts(
        hourly(() => 7.02, 9),
        said,
      )[5],
    ).toBe('valid frozen');
    expect(verdicts([value(at(1), 50, { flag: 'D' }), value(at(2), -1)], said)).toEqual([
      'invalid flag',
      'invalid range',
    ]);
  });
});

describe('values that come again', () => {
  it('count once, the newest receipt with the first receipt beside it', () => {
    const first = value(at(0), 50, { receivedAt: 100 });
    const again = value(at(0), 51, { receivedAt: 300 });
    const found = [{ ...again, firstReceivedAt: 100 }];
    expect(latestValues([first, again, first])).toEqual(found);
    expect(latestValues([again, first])).toEqual(found);
  });

  it('stay apart from another interval that begins with them', () => {
    const values = [
      value(at(0), 50, { intervalMs: HOUR_MS }),
      value(at(0), 48, { intervalMs: 600_000 }),
      value(at(0), 49),
    ];
    expect(latestValues(values).map((one) => one.value)).toEqual([49, 48, 50]);
  });
});

it('rules follow what is measured', () => {
  expect(defaultValidityRules('tn_mg_l', [0, 1]).detection).toEqual({ below: 0.025, as: 0.025 });
  expect(defaultValidityRules('ph', [0, 14])).toMatchObject({ jump: null, detection: null, frozen: { values: 8 } });
  expect(defaultValidityRules('flow_l_s', [0, 1]).frozen).toBeNull();
});
