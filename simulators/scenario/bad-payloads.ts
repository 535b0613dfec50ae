import { MAX_AHEAD_MS } from '../../src/model/time/trust.js';
import { MAX_ITEMS, MAX_PAYLOAD_BYTES } from '../../src/model/wire/readings.js';
import type { RejectionCode } from '../../src/model/wire/rejection.js';
import { readingsTopic } from '../../src/model/wire/topic.js';
import { rfc3339 } from '../live.js';
import { choosePark, moment, type Scenario, type Stage } from './stage.js';

/** A payload with one fault, the rejection that the service must publish, and the readings that it must keep. */
interface BadPayload {
  readonly name: string;
  readonly payload: string;
  readonly rejections: readonly { readonly index: number | null; readonly code: RejectionCode }[];
  readonly kept: number;
}

/** One payload for each fault, with times around `now` (epoch ms); each good item has its own instant. */
export function badPayloads(now: number): BadPayload[] {
  let instant = now - 60_000;
  const good = (power = 10) => ({ ts: rfc3339(instant++), values: { active_power_kw: power } });
  const at = (ts: unknown) => ({ ts, values: { active_power_kw: 1 } });
  const whole = (name: string, payload: string, code: RejectionCode): BadPayload => ({
    name,
    payload,
    rejections: [{ index: null, code }],
    kept: 0,
  });
  const item = (name: string, bad: unknown, code: RejectionCode): BadPayload => ({
    name,
    payload: JSON.stringify([good(), bad, good()]),
    rejections: [{ index: 1, code }],
    kept: 2,
  });
  return [
    whole('cut off JSON', '{"ts":"2026-', 'invalid_json'),
    whole('NaN', '{"values":{"active_power_kw":NaN}}', 'invalid_json'),
    whole('bytes that are no text', '\u0000\u0001\u0002', 'invalid_json'),
    whole('an empty array', '[]', 'empty_message'),
    whole('one item too many', JSON.stringify(Array.from({ length: MAX_ITEMS + 1 }, () => at(now))), 'too_many_items'),
    whole('a payload too large', `"${'x'.repeat(MAX_PAYLOAD_BYTES)}"`, 'payload_too_large'),
    {
      ...whole('deep nesting', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'invalid_item'),
      rejections: [{ index: 0, code: 'invalid_item' }],
    },
    item('a number for an item', 42, 'invalid_item'),
    item('no values', { ts: now }, 'invalid_item'),
    item('a string for a number', { ts: now, values: { active_power_kw: '10' } }, 'invalid_value'),
    item('null for a number', { ts: now, values: { active_power_kw: null } }, 'invalid_value'),
    item('an unknown metric', { ts: now, values: { no_such_metric: 1 } }, 'unknown_metric'),
    item('a metric of another domain', { ts: now, values: { cod_mg_l: 40 } }, 'unknown_metric'),
    item('an unknown flag', { ...at(now), flags: { active_power_kw: 'Z' } }, 'invalid_flag'),
    item('no time', at('yesterday'), 'invalid_ts'),
    item('a time without offset', at('2026-11-23T08:00:00'), 'invalid_ts'),
    item('a time in 1970', at(0), 'ts_too_old'),
    item('a time in 2100', at('2100-01-01T00:00:00+08:00'), 'ts_in_future'),
    item('a clock ten minutes fast', at(now + 2 * MAX_AHEAD_MS), 'ts_in_future'),
  ];
}

/** One gateway sends every kind of bad payload, with good items beside the bad ones, and prints the service's answers. */
export const badPayloadsScenario: Scenario = {
  summary: 'one gateway sends every kind of bad payload beside good ones, and prints what the service answers',
  play(stage: Stage): void {
    const { live, truth, now, ...time } = stage;
    const { link, site } = choosePark(stage);
    const device = `${site.id}-bad-01`;
    const topic = readingsTopic(site.id, 'energy', device);
    const common = { scenario: 'bad-payloads', park: site.id, gateway: link.gateway, device };
    truth.record({ type: 'scenario', ...common, at: time.start });
    const listening = link.listenToRejections((payload) =>
      truth.record({ type: 'rejection', ...common, rejection: JSON.parse(payload) }),
    );
    live.at(moment(time, 0.2), async () => {
      await listening;
      let kept = 0;
      for (const bad of badPayloads(now())) {
        const outcome = await link.publish(topic, bad.payload);
        kept += bad.kept;
        const { name, rejections } = bad;
        const sent = { case: name, bytes: bad.payload.length, rejections, kept: bad.kept, outcome };
        truth.record({ type: 'bad_payload', ...common, topic, ...sent });
      }
      truth.record({ type: 'expected_readings', ...common, metric: 'active_power_kw', count: kept });
    });
  },
};
