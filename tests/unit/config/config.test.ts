import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../../src/config.js';

describe('readConfig', () => {
  it('needs nothing: every variable has a default that works on one machine', () => {
    expect(readConfig({})).toMatchObject({
      PARK_DATA_DIR: './data',
      PARK_HTTP_HOST: '127.0.0.1',
      PARK_HTTP_PORT: 8080,
      PARK_MQTT_HOST: '127.0.0.1',
      PARK_MQTT_PORT: 1883,
      PARK_TIMEZONE: 'Asia/Shanghai',
      PARK_DISCOVERY: 'on',
      PARK_HISTORIAN: 'lake',
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ PARK_HTTP_PORT: '', PARK_ADMIN_TOKEN: '' }).PARK_HTTP_PORT).toBe(8080);
  });

  it.each([
    ['PARK_HTTP_PORT', 'eighty', /PARK_HTTP_PORT: .*number/],
    ['PARK_HTTP_PORT', '70000', /PARK_HTTP_PORT: .*65535/],
    ['PARK_MQTT_PORT', '-1', /PARK_MQTT_PORT/],
    ['PARK_TIMEZONE', 'Mars/Olympus', /PARK_TIMEZONE: an IANA time zone such as Asia\/Shanghai/],
    ['PARK_LOG_LEVEL', 'loud', /PARK_LOG_LEVEL/],
    ['PARK_DISCOVERY', 'yes', /PARK_DISCOVERY/],
    ['PARK_ADMIN_TOKEN', 'short', /PARK_ADMIN_TOKEN: at least 24 characters/],
    ['PARK_RAW_DAYS', '0', /PARK_RAW_DAYS/],
    ['PARK_MQTTS_PORT', '8883', /PARK_MQTTS_PORT: expects PARK_TLS_CERT and PARK_TLS_KEY/],
  ])('stops at %s=%s, naming the variable and what is expected', (name, value, message) => {
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value })).toThrow(message);
  });

  it('names every wrong variable at once', () => {
    expect(() => readConfig({ PARK_HTTP_PORT: 'x', PARK_DISCOVERY: 'x' })).toThrow(
      /PARK_HTTP_PORT[\s\S]*PARK_DISCOVERY/,
    );
  });
});
