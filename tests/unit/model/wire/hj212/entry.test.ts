import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EntryDecoder } from '../../../../../src/model/wire/entry.js';
import { crcOf } from '../../../../../src/model/wire/hj212/crc.js';
import {
  type PacketContext,
  type PacketReadings,
  packetTopic,
  packPacket,
} from '../../../../../src/model/wire/hj212/entry.js';
import { sealArea } from '../../../../../src/model/wire/hj212/sealed.js';
import { framed } from '../../../../../src/model/wire/hj212/segment.js';
import { parseTopic } from '../../../../../src/model/wire/topic.js';
import { bytesOf, NAMES, PACKETS, type PacketName, packet } from './vectors.js';

const TOPIC = packetTopic('oh-diandu', 'outlet-1');
const CONTEXT: PacketContext = {
  mn: '010000A8900016F000169DC0',
  edition: '2017',
  strict: false,
  zone: 'Asia/Shanghai',
  channels: {},
};
const NOW = Date.parse('2026-11-23T12:00:00+08:00');

/** The packet with another DataTime and its CRC: those of the standard are older than the service keeps. */
function dated(name: PacketName, time = '20261123115900'): Uint8Array {
  return framed(bytesOf(PACKETS[name].slice(6, -4).replace(/DataTime=\d+/, `DataTime=${time}`)));
}

function decode(
  raw: Uint8Array,
  context: Partial<PacketContext> = {},
  plain: Uint8Array | null = null,
  rawDays?: number,
) {
  const payload = packPacket({ context: { ...CONTEXT, ...context }, raw, plain });
  return new EntryDecoder().decode({ topic: TOPIC, gateway: 'logger-1', receivedAt: NOW, payload }, rawDays);
}

describe('EntryDecoder, of packets of HJ 212', () => {
  it('gives the readings of the instant, with their flags, and all figures beside them', () => {
    const { message, rejections } = decode(dated('electroplating'), { channels: { w20117: { unit: 'mg/L' } } });
    expect(rejections).toEqual([]);
    expect(message).toMatchObject({
      park: 'oh-diandu',
      domain: 'wastewater',
      device: 'oh-diandu/outlet-1',
      gateway: 'logger-1',
      receivedAt: NOW,
    });
    expect(message?.readings).toEqual(
      [
        { metric: 'flow_l_s', value: 12.5, flag: 'N', quality: 'good' },
        { metric: 'ph', value: 7.23, flag: 'N', quality: 'good' },
        { metric: 'total_chromium_mg_l', value: 0.412, flag: 'N', quality: 'good' },
        { metric: 'hexavalent_chromium_mg_l', value: 85.2, flag: 'N', quality: 'good' },
        { metric: 'total_nickel_mg_l', value: 0.26, flag: 'T', quality: 'flagged' },
        { metric: 'total_copper_mg_l', value: 0.18, flag: 'N', quality: 'good' },
      ].map((one) => ({ ...one, ts: NOW - 60_000 })),
    );
    expect((message as PacketReadings).figures).toHaveLength(6);
  });

  it('gives intervals as figures only: they are no readings of an instant', () => {
    for (const name of ['2051', '2061', '2031', 'part 1 of 2', 'part 2 of 2'] as const) {
      const { message, rejections } = decode(dated(name));
      expect([message?.readings, rejections]).toEqual([[], []]);
      expect((message as PacketReadings).figures.length).toBeGreaterThan(3);
    }
  });

  it('keeps packets without figures, so that each is durable before its answer', () => {
    for (const name of ['3019', '3020 in UTF-8', '2025, A.1'] as const) {
      expect(decode(packet(name), { edition: name.startsWith('2025') ? '2025' : '2017' })).toMatchObject({
        message: { readings: [], figures: [] },
        rejections: [],
      });
    }
  });

  it('reads every packet of the logger that its context names, and none of another', () => {
    for (const name of NAMES) {
      const mn = /MN=(\w+)/.exec(PACKETS[name])![1]!;
      expect(decode(dated(name), { mn }).message).not.toBeNull();
      expect(decode(dated(name), { mn: 'OTHER000' })).toMatchObject({
        message: null,
        rejections: [{ code: 'invalid_packet' }],
      });
    }
  });

  it('goes by the dialect that was stored with the packet, not by Flag', () => {
    const lower = bytesOf(`${new TextDecoder().decode(packet('3019')).slice(0, -6)}e8c1\r\n`);
    expect(decode(lower).message).not.toBeNull();
    expect(decode(lower, { strict: true }).rejections).toMatchObject([{ code: 'invalid_packet' }]);
    expect(decode(dated('2011'), { strict: true }).message).not.toBeNull();
    expect(decode(dated('2011').slice(0, -2), { strict: true }).message).not.toBeNull();
    const without = framed(
      bytesOf('ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;CP=&&DataTime=20261123115900;001-Rtd=7&&'),
    );
    expect(decode(without, { edition: '2005', strict: true }).message?.readings).toMatchObject([
      { metric: 'ph', value: 7 },
    ]);
    expect(decode(without, { strict: true }).rejections).toMatchObject([{ code: 'invalid_packet' }]);
  });

  it('reads an encrypted packet by its plain text, and proves that by the CRC', () => {
    const plain = dated('2011').slice(6, -6);
    const key = Buffer.from('0123456789abcdeffedcba9876543210', 'hex');
    const sm4 = createCipheriv('sm4-ecb', key, null).setAutoPadding(false);
    const raw = framed(
      sealArea(plain, (blocks) => sm4.update(blocks)),
      crcOf(plain),
    );
    expect(decode(raw, { edition: '2025' }, plain).message?.readings).toMatchObject([
      { metric: 'ph', value: 7.1 },
      { metric: 'cod_mg_l' },
    ]);
    expect(decode(raw, { edition: '2025' }).rejections).toMatchObject([{ code: 'undecrypted_packet' }]);
    const other = dated('2051').slice(6, -6);
    expect(decode(raw, { edition: '2025' }, other).rejections).toMatchObject([{ code: 'undecrypted_packet' }]);
  });

  it('bounds times as those of messages on MQTT', () => {
    const codes = (time: string, rawDays?: number) =>
      decode(dated('2011', time), {}, null, rawDays).rejections.map(({ code }) => code);
    expect(codes('20261123120500')).toEqual([]);
    expect(codes('20261123120501')).toEqual(['ts_in_future']);
    expect(codes('20191231000000')).toEqual(['ts_too_old']);
    expect(codes('20261001000000', 30)).toEqual(['ts_too_old']);
    expect(codes('20261123250000')).toEqual(['invalid_ts']);
  });

  it('says why of a damaged packet or entry, and throws nothing', () => {
    const damaged = dated('2011');
    damaged[100]! ^= 1;
    expect(decode(damaged).rejections).toMatchObject([{ code: 'invalid_packet' }]);
    const payload = packPacket({ context: CONTEXT, raw: dated('2011'), plain: null });
    const decoder = new EntryDecoder();
    for (let length = 0; length < payload.length; length += 1) {
      const entry = { topic: TOPIC, gateway: 'logger-1', receivedAt: NOW, payload: payload.subarray(0, length) };
      expect(decoder.decode(entry).rejections).toMatchObject([{ code: 'invalid_packet' }]);
    }
    for (let at = 0; at < payload.length; at += 1) {
      const other = payload.slice();
      other[at]! ^= 0x15;
      const { message, rejections } = decoder.decode({
        topic: TOPIC,
        gateway: 'logger-1',
        receivedAt: NOW,
        payload: other,
      });
      expect(message !== null || rejections.length > 0).toBe(true);
    }
  });

  it('has a topic that no client can publish on', () => {
    expect(parseTopic(TOPIC)).toBeNull();
    for (const topic of [
      `${TOPIC}/x`,
      'parks/oh-diandu/energy/outlet-1/hj212',
      'parks//wastewater/outlet-1/hj212',
      'parks/oh-diandu/wastewater/A/hj212',
    ]) {
      const entry = { topic, gateway: 'logger-1', receivedAt: NOW, payload: new Uint8Array() };
      expect(new EntryDecoder().decode(entry).rejections).toMatchObject([{ code: 'invalid_topic' }]);
    }
  });
});
