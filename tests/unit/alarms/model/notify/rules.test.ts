import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carries, channelPart, type Reachable, reachOf } from '../../../../../src/alarms/model/notify/channel.js';
import { clipBytes, type Notice, textOf, titleOf } from '../../../../../src/alarms/model/notify/message.js';
import { DEFAULT_ESCALATION, namedIn, policyErrors } from '../../../../../src/alarms/model/notify/policy.js';
import { RETRY_BOUNDS, retryDelay } from '../../../../../src/alarms/model/notify/retry.js';
import { utcTime } from '../../../../../src/alarms/model/wire.js';
import { withoutSecrets } from '../../../../../src/alarms/notify/delivery/outcome.js';
import { waitAsked } from '../../../../../src/alarms/notify/send/http.js';
import { dingtalkUrl } from '../../../../../src/alarms/notify/send/robot.js';
import { webhookSignature } from '../../../../../src/alarms/notify/send/webhook.js';
import { FIRE, POLICY, T0 } from './helpers.js';

const channel: Reachable = { id: 'shift', enabled: true, filter: { parks: [], domains: [], minPriority: 'low' } };
const filtered = (filter: Partial<Reachable['filter']>) => ({ ...channel, filter: { ...channel.filter, ...filter } });
const system = { ...FIRE, domain: 'system', park: null } as const;

describe('policy', () => {
  it('is sound by default, whatever channels there are', () => {
    expect(policyErrors(DEFAULT_ESCALATION, () => false)).toEqual([]);
  });

  it('names the level whose time does not rise and the channel that is none', () => {
    const policy = {
      ...POLICY,
      high: [
        { afterS: 60, channels: ['shift'] },
        { afterS: 60, channels: ['shift', 'nobody'] },
      ],
    };
    expect(policyErrors(policy, (id) => id !== 'nobody')).toEqual([
      { field: 'high.1.afterS', expected: 'more than the 60 s of the level before' },
      { field: 'high.1.channels.1', expected: 'a channel that exists; there is no nobody' },
    ]);
  });

  it('knows where a channel is named', () => {
    expect(namedIn(POLICY, 'chief')).toEqual(['high', 'critical']);
    expect(namedIn(DEFAULT_ESCALATION, 'chief')).toEqual([]);
  });
});

describe('what a channel carries', () => {
  it.each([
    ['everything without limits', channel, FIRE, true],
    ['nothing while it is disabled', { ...channel, enabled: false }, FIRE, false],
    ['alarms of its parks', filtered({ parks: ['oh-diandu'] }), FIRE, true],
    ['none of other parks', filtered({ parks: ['lc-xiedu-1'] }), FIRE, false],
    ['alarms of the service whatever its parks', filtered({ parks: ['lc-xiedu-1'] }), system, true],
    ['none of other domains', filtered({ domains: ['energy'] }), FIRE, false],
    ['none below its priority', filtered({ minPriority: 'high' }), { ...FIRE, priority: 'medium' as const }, false],
    ['not the alarm about itself', channel, { ...system, device: channelPart('shift') }, false],
    ['the alarm about another', channel, { ...system, device: channelPart('chief') }, true],
  ])('%s', (_what, one, alarm, expected) => {
    expect(carries(one, alarm)).toBe(expected);
  });

  it('means every channel by *, each once', () => {
    const reach = reachOf([channel, { ...channel, id: 'chief' }, { ...channel, id: 'off', enabled: false }]);
    expect(reach(FIRE, ['*', 'chief'])).toEqual(['shift', 'chief']);
    expect(reach(FIRE, ['chief', 'off', 'gone'])).toEqual(['chief']);
  });
});

describe('waiting before the next attempt', () => {
  it('doubles up to the bound and listens to the receiver within its own', () => {
    const wait = (attempt: number, asked: number | null = null, random = 1) =>
      retryDelay(attempt, asked, random, RETRY_BOUNDS);
    expect([1, 2, 3, 8, 9, 99].map((attempt) => wait(attempt))).toEqual([
      5_000, 10_000, 20_000, 640_000, 900_000, 900_000,
    ]);
    expect(wait(1, null, 0)).toBe(2_500);
    expect(wait(1, 60_000)).toBe(60_000);
    expect(wait(1, 99_999_999)).toBe(3_600_000);
  });

  it.each([
    [null, null],
    ['120', 120_000],
    [new Date(T0 + 30_000).toUTCString(), 30_000],
    [new Date(T0 - 30_000).toUTCString(), 0],
    ['soon', null],
  ])('reads Retry-After %s', (header, expected) => {
    expect(waitAsked(header, T0)).toBe(expected);
  });
});

describe('signatures, against values worked out with openssl', () => {
  it('signs a webhook over timestamp and body', () => {
    expect(webhookSignature('a key of sixteen chars', '1700000000', '{"a":1}')).toBe(
      'v1=89ca6965ba64f7d58b88554755f8e8ca1bc64edd6935b7cc5c0ecd22a08ccc97',
    );
  });

  it('signs for DingTalk', () => {
    const url = new URL(
      dingtalkUrl('https://oapi.dingtalk.com/robot/send?access_token=t', 'SECabc', 1_700_000_000_000),
    );
    expect(Object.fromEntries(url.searchParams)).toEqual({
      access_token: 't',
      timestamp: '1700000000000',
      sign: 'jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM=',
    });
    expect(dingtalkUrl('https://example.com/x?a=b', null, 1)).toBe('https://example.com/x?a=b');
  });
});

describe('messages', () => {
  const notice: Notice = { id: 'x', event: 'raised', level: 1, at: T0, alarm: FIRE };
  const parkName = () => ({ zh: '电镀园区', en: 'Plating park' });

  it('say in Chinese what an operator needs', () => {
    expect(textOf(notice, { language: 'zh', time: utcTime, parkName }).split('\n')).toEqual([
      '【紧急】感烟探测器报警',
      '园区：电镀园区',
      '位置：3 号楼',
      '设备：sd-1',
      '数值：1',
      '设定值：1',
      '时间：2026-11-23T00:00:00.000Z',
      '处置：派人到现场确认',
      '尚未确认',
    ]);
  });

  it('say in English that an alarm is over, without advice', () => {
    const over = { ...notice, event: 'cleared', level: 0, alarm: { ...FIRE, active: false, place: null } };
    expect(textOf(over, { language: 'en', time: utcTime, parkName: () => undefined }).split('\n')).toEqual([
      '[CLEARED] Smoke detected',
      'Park: oh-diandu',
      'Device: sd-1',
      'Value: 1',
      'Setpoint: 1',
      'Time: 2026-11-23T00:00:00.000Z',
    ]);
  });

  it.each([
    ['escalated', 'zh', '【紧急】【第2级升级】感烟探测器报警'],
    ['escalated', 'en', '[CRITICAL] [ESCALATED TO LEVEL 2] Smoke detected'],
    ['cleared', 'zh', '【恢复】感烟探测器报警'],
    ['test', 'zh', '【测试】感烟探测器报警'],
    ['test', 'en', '[TEST] Smoke detected'],
  ] as const)('title %s in %s', (event, language, expected) => {
    expect(titleOf({ ...notice, event, level: 2 }, language)).toBe(expected);
  });

  it('keep a line break of a name from making a line of the message', () => {
    const alarm = { ...FIRE, place: 'hall\nPark: elsewhere' };
    const lines = textOf({ ...notice, alarm }, { language: 'en', time: utcTime, parkName }).split('\n');
    expect(lines).toContain('Place: hall Park: elsewhere');
  });

  it('are cut to a number of bytes without cutting a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.nat(80), (text, most) => {
        const clipped = clipBytes(text, most);
        expect(Buffer.byteLength(clipped)).toBeLessThanOrEqual(most);
        expect(text.startsWith(clipped)).toBe(true);
        const next = [...text.slice(clipped.length)][0];
        if (next !== undefined) expect(Buffer.byteLength(clipped + next)).toBeGreaterThan(most);
      }),
    );
  });

  it('of receivers are shown without secrets, short and on one line', () => {
    expect(withoutSecrets('bad token abc123\r\nreally', ['abc123', null, ''])).toBe('bad token [redacted] really');
    expect(withoutSecrets('x'.repeat(5_000), [])).toHaveLength(200);
  });
});
