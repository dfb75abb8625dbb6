import { z } from 'zod';
import { isFilter } from './topics.ts';

const filter = z.string().refine(isFilter, {
  error: ({ input }) => `expected a topic filter ("+" for a whole level, "#" only as the last one), got ${JSON.stringify(input)}`,
});

const qos = z.union([z.literal(0), z.literal(1)], {
  error: ({ input }) =>
    input === 2
      ? 'QoS 2 is not spoken yet: choose 1, and let `identity` and `dedupe` remove what is delivered twice'
      : `expected 0 or 1, got ${JSON.stringify(input)}`,
});

/** How to reach a broker, for the source and the publisher alike. Secrets come as values here. */
const door = {
  url: z
    .url({ protocol: /^mqtts?$/, error: 'expected mqtt://host:port or mqtts://host:port' })
    .describe('The broker; mqtts for TLS. The port is 1883, or 8883 with TLS, unless it is named'),
  clientId: z
    .string()
    .min(1)
    .max(65_535)
    .describe("The session's name at the broker: stable over restarts, used by one client only"),
  protocol: z.enum(['5', '3.1.1']).default('5').describe('The version of MQTT to speak'),
  username: z.string().nullable().default(null).describe('Credentials'),
  password: z.string().nullable().default(null).describe('Credentials'),
  tls: z
    .strictObject({ ca: z.string().optional(), cert: z.string().optional(), key: z.string().optional() })
    .nullable()
    .default(null)
    .describe('PEM texts; without them the system is trusted and no certificate is shown'),
  keepaliveMs: z
    .int()
    .min(1_000)
    .max(65_535_000)
    .multipleOf(1_000)
    .default(60_000)
    .describe('A ping goes out twice in this time'),
  connectTimeoutMs: z.int().positive().default(10_000).describe('For the connection and for the answer to CONNECT, together'),
};

export const mqttSourceConfig = z
  .strictObject({
    ...door,
    topics: z.array(filter).min(1).describe('Topic filters; `$share/<group>/<filter>` shares them between replicas'),
    qos: qos
      .default(1)
      .describe('0: nothing is acknowledged and what is not stored yet is lost with the process; 1: at least once'),
    retained: z
      .enum(['new', 'always', 'never'])
      .default('new')
      .describe(
        'When retained messages come: with a new subscription, with each connection, not at all. 3.1.1 knows only always',
      ),
    sessionExpiryMs: z
      .int()
      .min(0)
      .default(604_800_000)
      .describe('How long the broker keeps the session of an absent client (MQTT 5; with 3.1.1 the broker decides)'),
    windowRows: z
      .int()
      .min(1)
      .max(65_535)
      .default(1_024)
      .describe('Publishes held in memory until they are settled; with MQTT 5 announced as the Receive Maximum'),
    windowBytesMax: z.int().positive().default(16_777_216).describe('Bytes of these; one publish is always let in'),
    batchRowsMax: z.int().positive().default(500).describe('Rows of a batch'),
    payloadBytesMax: z.int().positive().default(1_000_000).describe('A larger payload is refused, and its row says so'),
    payloadBytesKept: z
      .int()
      .positive()
      .optional()
      .describe('A refused payload up to this size keeps its bytes for the dead letter; of a larger one topic and size remain'),
  })
  .transform((config) => ({ ...config, payloadBytesKept: Math.max(config.payloadBytesMax, config.payloadBytesKept ?? 0) }));

export const mqttPublisherConfig = z.strictObject({
  ...door,
  windowRows: z.int().min(1).max(65_535).default(256).describe('Publishes that may wait for their PUBACK at a time'),
  reconnectMs: z.int().positive().default(500).describe('Between attempts to reach the broker again'),
});

export type MqttSourceConfig = z.output<typeof mqttSourceConfig>;
export type MqttSourceSettings = z.input<typeof mqttSourceConfig>;
export type MqttPublisherConfig = z.output<typeof mqttPublisherConfig>;
export type MqttPublisherSettings = z.input<typeof mqttPublisherConfig>;

/** What both clients need to know to connect. */
export type Door = Pick<
  MqttSourceConfig,
  'url' | 'clientId' | 'protocol' | 'username' | 'password' | 'tls' | 'keepaliveMs' | 'connectTimeoutMs'
>;

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** `host:port`, without the credentials that a URL may carry. */
  readonly shown: string;
}

export function addressOf({ url }: Pick<Door, 'url'>): Address {
  const { protocol, hostname, port: named } = new URL(url);
  const secure = protocol === 'mqtts:';
  const port = named === '' ? (secure ? 8_883 : 1_883) : Number(named);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port, secure, shown: `${hostname}:${port}` };
}

/** The credentials of the settings, or else those in the URL. */
export function credentialsOf({ url, username, password }: Pick<Door, 'url' | 'username' | 'password'>): {
  username: string | null;
  password: string | null;
} {
  const inUrl = new URL(url);
  return {
    username: username ?? (inUrl.username === '' ? null : decodeURIComponent(inUrl.username)),
    password: password ?? (inUrl.password === '' ? null : decodeURIComponent(inUrl.password)),
  };
}
