import { describe, expect, test } from '@jest/globals';
import { addressOf, credentialsOf, mqttSourceConfig } from './config.ts';

const least = { url: 'mqtt://broker', clientId: 'ingest-0', topics: ['rooms/#'] };
const messageOf = (settings: unknown): string => mqttSourceConfig.safeParse(settings).error?.issues[0]?.message ?? 'accepted';

describe('settings', () => {
  test('have defaults for all but address, client id and topics', () => {
    expect(mqttSourceConfig.parse(least)).toMatchObject({
      protocol: '5',
      qos: 1,
      windowRows: 1_024,
      payloadBytesKept: 1_000_000,
    });
  });

  test('QoS 2 is refused with a way out', () => {
    expect(messageOf({ ...least, qos: 2 })).toBe(
      'QoS 2 is not spoken yet: choose 1, and let `identity` and `dedupe` remove what is delivered twice',
    );
    expect(messageOf({ ...least, qos: 3 })).toBe('expected 0 or 1, got 3');
  });

  test('a wrong filter is named', () => {
    expect(messageOf({ ...least, topics: ['rooms/#/1'] })).toContain('got "rooms/#/1"');
  });

  test('other protocols, unknown settings and an empty client id are refused', () => {
    expect(messageOf({ ...least, url: 'http://broker' })).toContain('expected mqtt://');
    expect(messageOf({ ...least, tpics: [] })).toContain('tpics');
    expect(messageOf({ ...least, clientId: '' })).not.toBe('accepted');
  });

  test('what is kept is never less than what is taken', () => {
    expect(mqttSourceConfig.parse({ ...least, payloadBytesMax: 50, payloadBytesKept: 10 }).payloadBytesKept).toBe(50);
  });
});

describe('addresses', () => {
  test('have the ports of MQTT unless one is named, and never show credentials', () => {
    expect(addressOf({ url: 'mqtt://u:secret@broker' })).toEqual({
      host: 'broker',
      port: 1_883,
      secure: false,
      shown: 'broker:1883',
    });
    expect(addressOf({ url: 'mqtts://broker' }).port).toBe(8_883);
    expect(addressOf({ url: 'mqtt://[::1]:99' })).toMatchObject({ host: '::1', port: 99 });
  });

  test('credentials of the settings go before those of the URL', () => {
    const url = 'mqtt://us%40er:p%3Aw@broker';
    expect(credentialsOf({ url, username: null, password: null })).toEqual({ username: 'us@er', password: 'p:w' });
    expect(credentialsOf({ url, username: 'other', password: 'word' })).toEqual({ username: 'other', password: 'word' });
  });
});
