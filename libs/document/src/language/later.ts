/** What the language will have and this build has not, by the key under which it would stand. It is refused by name. */
const later: Readonly<Record<string, readonly string[]>> = {
  from: ['http', 'grpc', 'file', 'postgres'],
  to: ['parquet', 's3', 'clickhouse', 'elasticsearch', 'opensearch', 'influxdb', 'redis', 'http', 'mqtt', 'connect'],
  via: [
    'filter',
    'rename',
    'select',
    'cast',
    'convert',
    'calibrate',
    'clamp',
    'impute',
    'deadband',
    'stuck',
    'resample',
    'interpolate',
    'join',
    'geo',
    'mask',
    'tokenise',
  ],
  window: ['hoppingMs', 'slidingMs', 'sessionMs'],
  retrain: ['rollout'],
};

/** Why a key that the language knows cannot be used, or null for a key that it does not know. */
export function laterReason(path: readonly (string | number)[], key: string): string | null {
  const parent = path.findLast((part) => typeof part === 'string') ?? '';
  if (!later[parent]?.includes(key)) return null;
  if (key === 'rollout')
    return 'rollout is not in this build: a version that passes the gate takes over at once, for all records';
  return `${key} is not in this build`;
}
