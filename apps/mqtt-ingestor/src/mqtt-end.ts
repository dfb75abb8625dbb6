import { resolveReferences, type StagePlan } from '@penstock/document';
import type { Clock, Decoder } from '@penstock/kernel';
import {
  type FilterMemory,
  type MqttSource,
  type MqttSourceEvents,
  type MqttSourceSettings,
  openMqttSource,
  refusalOf,
  topicLevelsOf,
} from '@penstock/mqtt';
import { createInputDecoder, type EndContext, type SourceEnd, schemaOf } from '@penstock/runner';
import { createJsonReadingDecoder } from '@penstock/schema';
import { ZodError } from 'zod';
import { wrongSettings } from './problems.ts';

export interface MqttEndParts {
  readonly clock: Clock;
  readonly remembered: FilterMemory;
}

/** The MQTT session of a stage, and how its payloads are read. Throws problems whose remedy is to stop. */
export function openMqttEnd(plan: StagePlan, at: EndContext, parts: MqttEndParts): SourceEnd {
  const { from, name } = plan;
  if (from.kind !== 'mqtt') throw new TypeError(`stage ${name} reads from ${from.kind}`);
  const settings = resolveReferences(from.config, at.env);
  const source = openSource(name, settings, { ...parts, events: eventsOf(plan, at) });
  return { source, decoder: createPayloadDecoder(plan, at, parts.clock), refusal: refusalOf, levels: topicLevelsOf };
}

function openSource(
  stage: string,
  settings: MqttSourceSettings,
  context: MqttEndParts & { readonly events: MqttSourceEvents },
): MqttSource {
  try {
    return openMqttSource(settings, context);
  } catch (thrown) {
    if (!(thrown instanceof ZodError)) throw thrown;
    const complaints = thrown.issues.map(
      ({ path, message }) => `stages.${[stage, 'from', 'mqtt', ...path].join('.')}: ${message}`,
    );
    throw wrongSettings(complaints.join('; '));
  }
}

function createPayloadDecoder(plan: StagePlan, at: EndContext, clock: Clock): Decoder {
  const { payload, schema, bindings, set } = plan.input;
  if (payload === 'wire') return createInputDecoder(plan, at, clock);
  return createJsonReadingDecoder(schemaOf(schema).shape, bindings, { set });
}

/** What happens to the session, as lines of the log. */
function eventsOf({ pipeline, name }: StagePlan, { log }: EndContext): MqttSourceEvents {
  const stage = `${pipeline}/${name}`;
  return {
    connected: ({ sessionPresent }) => log('mqtt.connected', { stage, sessionPresent }),
    lost: ({ code, message }) => log('mqtt.lost', { stage, code, message }),
    sessionForgotten: () => log('mqtt.session-forgotten', { stage }),
    subscribed: (filters) => log('mqtt.subscribed', { stage, filters: filters.join(' ') }),
    unsubscribed: (filters) => log('mqtt.unsubscribed', { stage, filters: filters.join(' ') }),
  };
}
