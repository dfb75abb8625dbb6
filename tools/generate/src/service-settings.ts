import { readFileSync } from 'node:fs';
import { modelServer } from '@penstock/model-server';
import { mqttIngestor } from '@penstock/mqtt-ingestor';
import { preprocessor } from '@penstock/preprocessor';
import { retrainer } from '@penstock/retrainer';
import { schemaGateway } from '@penstock/schema-gateway';
import { baseConfig, variableOf } from '@penstock/service';
import { sinkDispatcher } from '@penstock/sink-dispatcher';
import type { z } from 'zod';
import type { Generated } from './generated.ts';
import { withSettings } from './reference.ts';

const kit = 'libs/service/README.md';
const page = 'docs/reference/settings.md';
const services = [schemaGateway, mqttIngestor, preprocessor, modelServer, sinkDispatcher, retrainer];

const introduction = `<!-- Made by \`npm run generate\` out of the configurations of the services: change them there. -->

# Settings of services

Services read the environment, once. A wrong value ends the process with code 2 and one line that names each variable, what was expected
and what came.`;

/** What every service is told: a page for those who run them, and the settings in the README of the kit. */
export async function generateServiceSettings(): Promise<readonly Generated[]> {
  const shared = `${tableOf(baseConfig)}\n| \`OTEL_*\` |  | As OpenTelemetry defines them |`;
  const own = services.map(({ name, config }) => `## ${name}\n\n${tableOf(config)}`);
  const text = [introduction, `## All services\n\n${shared}`, ...own].join('\n\n');
  const readme = `${shared}\n\nEach field of an app's own config is read from \`PENSTOCK_\` and its name in capitals.`;
  return [
    { place: page, content: Buffer.from(`${text}\n`) },
    { place: kit, content: Buffer.from(withSettings(readFileSync(kit, 'utf8'), readme)) },
  ];
}

function tableOf({ shape }: z.ZodObject): string {
  const rows = Object.entries(shape).map(
    ([key, field]) => `| \`${variableOf(key)}\` | ${defaultOf(field)} | ${sentenceOf(field)} |`,
  );
  return ['| variable | default | |', '|---|---|---|', ...rows].join('\n');
}

function defaultOf(field: z.core.$ZodType): string {
  const { success, data } = (field as z.ZodType).safeParse(undefined);
  if (!success) return 'required';
  return data === undefined ? '' : `\`${String(data)}\``;
}

function sentenceOf(field: z.core.$ZodType): string {
  return ((field as z.ZodType).description ?? '').replaceAll('|', '\\|');
}
