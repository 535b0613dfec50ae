import { channelPart } from '../../model/notify/channel.js';
import type { Notice } from '../../model/notify/message.js';

/** What a test of a channel sends. */
export function testNotice(channel: string, now: number): Notice {
  return {
    id: `test-${now}-${channel}`,
    event: 'test',
    level: 0,
    at: now,
    alarm: {
      id: `test:${channelPart(channel)}`,
      seq: 0,
      priority: 'low',
      domain: 'system',
      park: null,
      device: channelPart(channel),
      place: null,
      message: { zh: '这是一条测试消息', en: 'This is a test message' },
      advice: { zh: '无需处理', en: 'Nothing has to be done' },
      value: 0,
      setpoint: 0,
      state: 'normal',
      active: false,
      unacknowledged: false,
      suppression: null,
    },
  };
}
