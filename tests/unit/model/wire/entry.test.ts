import { describe, expect, it } from 'vitest';
import { EntryDecoder } from '../../../../src/model/wire/entry.js';
import { MAX_PAYLOAD_BYTES } from '../../../../src/model/wire/readings.js';

const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;
const entry = (payload: string, topic = 'parks/oh-diandu/wastewater/outlet-1/readings') => ({
  topic,
  gateway: 'gw-1',
  receivedAt: NOW,
  payload: new TextEncoder().encode(payload),
});

describe('EntryDecoder', () => {
  it('gives who sent what about which device, and what was wrong with the rest', () => {
    const old = { ts: NOW - 31 * DAY, values: { cod_mg_l: 1 } };
    const text = JSON.stringify([old, { values: { cod_mg_l: 41 } }]);
    const { message, rejections } = new EntryDecoder({ rawDays: 30 }).decode(entry(text));
    expect(message).toMatchObject({ park: 'oh-diandu', domain: 'wastewater', gateway: 'gw-1', receivedAt: NOW });
    expect(message?.readings).toMatchObject([{ metric: 'cod_mg_l', value: 41, ts: NOW }]);
    expect(rejections).toMatchObject([{ index: 0, code: 'ts_too_old' }]);
  });

  it.each([
    ['a topic of something else', entry('{}', 'parks/oh-diandu/gateways/gw-1/status'), 'invalid_topic'],
    ['no topic', entry('', ''), 'invalid_topic'],
    ['a payload that is too large', entry(' '.repeat(MAX_PAYLOAD_BYTES + 1)), 'payload_too_large'],
    ['a byte order mark', entry('\ufeff{"values":{"cod_mg_l":1}}'), 'invalid_json'],
  ])('gives nothing but the reason for %s', (_, given, code) => {
    expect(new EntryDecoder().decode(given)).toMatchObject({ message: null, rejections: [{ index: null, code }] });
  });

  it('reads bytes that are no UTF-8 as Node does', () => {
    const given = { ...entry(''), payload: Buffer.from([...Buffer.from('{"x":"'), 0xff, 0xe4, 0xb8, 0x22, 0x7d]) };
    expect(new EntryDecoder().decode(given).rejections).toMatchObject([{ code: 'invalid_item' }]);
  });
});
