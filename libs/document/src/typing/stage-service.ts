import type { ServiceName } from '../pipeline-plan.ts';
import { complainOfMixture, type StagePlace } from './stage-place.ts';
import type { TypedStep } from './stage-steps.ts';

/** Which service runs a stage follows from its ends. A mixture is refused, with the split to make. */
export function serviceOf(place: StagePlace, steps: readonly TypedStep[]): ServiceName {
  const { from, to } = place.stage;
  const predicting = steps.find(({ transform }) => transform.predicts !== undefined);
  if (from.mqtt !== undefined) checkIngest(place, steps);
  else if (predicting !== undefined) checkPredicting(place, steps, predicting);
  else if (to.postgres !== undefined) checkSink(place, steps);
  checkKey(place, steps);
  if (from.mqtt !== undefined) return 'mqtt-ingestor';
  if (predicting !== undefined) return 'model-server';
  return to.postgres === undefined ? 'preprocessor' : 'sink-dispatcher';
}

/** `{ kafka: { topic: rooms.serve } }`: a topic for the border between two stages. */
function between({ document, name }: StagePlace): string {
  return `{ kafka: { topic: ${document.pipeline}.${name}-in } }`;
}

function checkIngest(place: StagePlace, steps: readonly TypedStep[]): void {
  const { stage } = place;
  if (stage.to.postgres !== undefined) {
    const message = `a stage from mqtt ends in Kafka: end it with to: ${between(place)}, and start another one from there to postgres`;
    return complainOfMixture(place, ['to', 'postgres'], message);
  }
  if (stage.to.kafka?.key !== undefined) {
    const message = 'the key of what devices send is said by the record: write it to record.key';
    complainOfMixture(place, ['to', 'kafka', 'key'], message);
  }
  for (const { name, at, transform } of steps) {
    const isPlain = transform.memory === 'none' && transform.predicts === undefined && name !== 'compute';
    if (isPlain) continue;
    const message = `${name} does not stand behind mqtt: end the stage with to: ${between(place)}, and start another one from there with via: [${name}]`;
    complainOfMixture(place, at, message);
  }
}

function checkPredicting(place: StagePlace, steps: readonly TypedStep[], predicting: TypedStep): void {
  if (place.stage.to.postgres !== undefined) {
    const message = `a stage that predicts ends in Kafka: end it with to: ${between(place)}, and start another one from there to postgres`;
    complainOfMixture(place, ['to', 'postgres'], message);
  }
  for (const { name, at, transform } of steps) {
    if (transform.memory !== 'none') {
      const message = `${name} and ${predicting.name} do not share a stage: end one with to: ${between(place)} behind ${name}, and predict in the next`;
      complainOfMixture(place, at, message);
    } else if (transform.predicts !== undefined && at !== predicting.at)
      complainOfMixture(place, at, 'a stage asks one model: ask the other in a stage of its own');
  }
}

/** A key that is computed at the end must not be the one that values were gathered by: they lie in another partition. */
function checkKey(place: StagePlace, steps: readonly TypedStep[]): void {
  const keyed = steps.find(({ transform }) => transform.memory === 'keyed');
  if (place.stage.to.kafka?.key === undefined || keyed === undefined) return;
  const message = `${keyed.name} works by the key that records came with: change the key in a stage of its own, before or after this one`;
  complainOfMixture(place, ['to', 'kafka', 'key'], message);
}

function checkSink(place: StagePlace, steps: readonly TypedStep[]): void {
  for (const { name, at, transform } of steps) {
    if (transform.memory !== 'keyed') continue;
    const message = `${name} keeps values by key, and such a stage ends in Kafka: end it with to: ${between(place)}, and start another one from there to postgres`;
    complainOfMixture(place, at, message);
  }
}
