import { describe, expect, it } from 'vitest';
import { filterStaysInPark, parseTopic, readingsTopic } from '../../../../src/model/wire/topic.js';

describe('parseTopic', () => {
  it.each([
    [
      'parks/oh-diandu/fire/smoke-1/readings',
      { kind: 'readings', park: 'oh-diandu', domain: 'fire', device: 'smoke-1' },
    ],
    ['parks/p/gateways/g/status', { kind: 'status', park: 'p', gateway: 'g' }],
    ['parks/p/gateways/g/rejections', { kind: 'rejections', park: 'p', gateway: 'g' }],
    ['parks/p/alarms/smoke-alarm:smoke-1', { kind: 'alarm', park: 'p', alarm: 'smoke-alarm:smoke-1' }],
  ])('reads %s', (topic, meaning) => {
    expect(parseTopic(topic)).toEqual(meaning);
  });

  it.each([
    'parks/p/gas/d/readings',
    'parks/p/energy/D/readings',
    'parks/p/energy/-d/readings',
    'parks/p/energy/d/readings/more',
    'parks/p/energy/d',
    'parks/p/energy//readings',
    'parks//energy/d/readings',
    '/parks/p/energy/d/readings',
    'park/p/energy/d/readings',
    `parks/p/energy/${'d'.repeat(64)}/readings`,
    'parks/p/gateways/g/secrets',
    'parks/p/alarms/',
    '$SYS/broker',
    '',
  ])('is null for %s', (topic) => {
    expect(parseTopic(topic)).toBeNull();
  });

  it('reads what readingsTopic writes', () => {
    expect(parseTopic(readingsTopic('p', 'energy', 'd'))).toMatchObject({ park: 'p', domain: 'energy', device: 'd' });
  });
});

describe('filterStaysInPark', () => {
  it.each(['parks/p/#', 'parks/p/+/+/readings', 'parks/p/alarms/+'])('allows %s', (filter) => {
    expect(filterStaysInPark(filter, 'p')).toBe(true);
  });

  it.each(['#', '+/p/#', 'parks/+/#', 'parks/#', 'parks/p', 'parks/p/', 'parks/px/#', '$SYS/#'])(
    'refuses %s',
    (filter) => {
      expect(filterStaysInPark(filter, 'p')).toBe(false);
    },
  );
});
