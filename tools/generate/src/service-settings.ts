import { readFileSync } from 'node:fs';
import { baseConfig, variableOf } from '@penstock/service';
import type { Generated } from './generated.ts';
import { withSettings } from './reference.ts';

const place = 'libs/service/README.md';

/** The settings that every service has, in the README of the kit. */
export async function generateServiceSettings(): Promise<readonly Generated[]> {
  const rows = Object.entries(baseConfig.shape).map(([key, field]) => {
    const parsed = field.safeParse(undefined);
    const given = parsed.success && parsed.data !== undefined ? `\`${parsed.data}\`` : '';
    return `| \`${variableOf(key)}\` | ${given} | ${field.description ?? ''} |`;
  });
  const table = [
    '| variable | default | |',
    '|---|---|---|',
    ...rows,
    '| `OTEL_*` | | As OpenTelemetry defines them |',
    '',
    "Each field of an app's own config is read from `PENSTOCK_` and its name in capitals.",
  ].join('\n');
  return [{ place, content: Buffer.from(withSettings(readFileSync(place, 'utf8'), table)) }];
}
