import { describe, expect, test } from '@jest/globals';
import type { CheckFacts } from './check-facts.ts';
import { formatComplaint } from './complaint.ts';
import { checkText, roomsText, roomsWith } from './testing/rooms.ts';

type Replacement = readonly [from: string, to: string];

function complaintsOf(replacements: readonly Replacement[], facts: Partial<CheckFacts> = {}): string[] {
  return checkText(roomsWith(...replacements), facts).complaints.map((complaint) => formatComplaint('rooms.yaml', complaint));
}

describe('form', () => {
  test.each<readonly [from: string, to: string, complaint: string]>([
    ['qos: 1', 'qos: 3', 'rooms.yaml:24:14 › stages.ingest.from.mqtt.qos: expected 0 or 1, got 3'],
    ['qos: 1', 'qos: 2', 'rooms.yaml:24:14 › stages.ingest.from.mqtt.qos: QoS 2 is not spoken yet: choose 1'],
    ['qos: 1', 'qoss: 1', 'rooms.yaml:24:9 › stages.ingest.from.mqtt.qoss: there is no qoss here; expected '],
    ['kafka: { topic: rooms.raw }', 'parquet: { path: x }', 'stages.ingest.to.parquet: parquet is not in this build'],
    ['payload: json', 'payload: avro', 'expected json, the only payload that this build reads, got "avro"'],
    [
      'topic: rooms.raw }',
      'topic: rooms.raw, schemaId: payload }',
      'stages.ingest.to.kafka.schemaId: expected prefix or header, got "payload"',
    ],
    [
      'topic: rooms.raw }',
      'topic: rooms.raw, schemaID: header }',
      'stages.ingest.to.kafka.schemaID: there is no schemaID here; expected topic, key or schemaId; did you mean schemaId?',
    ],
    ['rejected: deadLetter', 'rejected: stop', 'errors.rejected: stop is not in this build: choose deadLetter'],
    [
      'retrain:',
      'retrain:\n  rollout: {}',
      'retrain.rollout: rollout is not in this build: a version that passes the gate takes over at once',
    ],
    ['windowMs: 600000 } }]', 'windowMs: 0 } }]', 'stages.archive.via[0].dedupe.windowMs: expected at least 1, got 0'],
    ['windowMs: 600000 } }]', 'windowMs: 1e99 } }]', 'dedupe.windowMs: expected'],
    ['[250, 10000]', '[10000, 250]', 'ranges.co2Ppm: expected the lesser bound first, got [10000,250]'],
    [
      '${env:MQTT_URL}',
      'mqtt://user:secret@broker:1883',
      'stages.ingest.from.mqtt.url: a password stands in the document: write a reference',
    ],
    [
      '${env:MQTT_URL}',
      '${MQTT_URL}',
      'stages.ingest.from.mqtt.url: expected a reference as ${env:NAME} or ${file:PATH}, got "${MQTT_URL}"',
    ],
    ['topic: rooms.raw', 'topic: "${env:TOPIC}"', 'stages.ingest.to.kafka.topic: expected a Kafka topic such as rooms.raw'],
    [
      'table: readings',
      'table: "${env:TABLE}"',
      'stages.archive.to.postgres.table: a reference stands for an address or a secret only',
    ],
    [
      'topic: rooms.raw',
      'topic: penstock.raw',
      'expected a topic of the pipeline\'s own, "penstock.raw" belongs to the platform',
    ],
    ['thresholdMad: 4', 'thresholdMad: .inf', 'hampel.thresholdMad: expected a number, got Infinity'],
    ['document: 1', 'document: 2', 'rooms.yaml:4:11 › document: expected 1, got 2'],
    [
      'pipeline: rooms',
      'pipeline: Rooms',
      'expected a name in lower case such as co2-hourly (letters, digits, hyphens), got "Rooms"',
    ],
    ['pipeline: rooms', 'pipeline: rooms\npipeline: rooms', 'rooms.yaml:4:1: Map keys must be unique'],
    ['stages:', 'stages: [', 'rooms.yaml:'],
  ])('%s → %s', (from, to, complaint) => {
    expect(complaintsOf([[from, to]]).join('\n')).toContain(complaint);
  });

  test('texts that are no document', () => {
    for (const text of [
      '',
      '---\n',
      '7',
      '[]',
      'null',
      '\u0000',
      '{{',
      '- a\n---\n- b',
      '*x',
      '&x [*x, *x]',
      '__proto__: 1',
      'x'.repeat(2_000_000),
    ]) {
      const { complaints, stages } = checkText(text);
      expect(complaints.length).toBeGreaterThan(0);
      expect(stages).toEqual([]);
    }
  });

  test('aliases that explode are refused', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [index, name] of [...'bcdefghi'].entries()) {
      const before = 'abcdefgh'[index] ?? '';
      bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`);
    }
    expect(checkText(bomb.join('\n')).complaints[0]?.message).toContain('alias');
  });
});

describe('types', () => {
  test.each<readonly [from: string, to: string, complaint: string]>([
    [
      'key: building + "/" + room #',
      'key: building + "/" + rom #',
      'rooms.yaml:9:25 › record.key: there is no field rom; fields: building, ',
    ],
    ['key: building + "/" + room #', 'key: sequence #', 'record.key: expected a string, sequence is an int; write string(…)'],
    [
      'string(sequence) #',
      'sequence #',
      '+ takes two of one type: deviceId + "/" is a string, sequence is an int; write string(sequence)',
    ],
    [
      'field: observedAtMs,',
      'field: building,',
      'record.eventTime.field: expected a field with a time or whole milliseconds, building is a string',
    ],
    ['"topic[1]"', '"topic[\'a\']"', 'stages.ingest.from.mqtt.set.building: an element is counted by an int'],
    ['"topic[1]"', '"size(topic)"', 'stages.ingest.from.mqtt.set.building: building is a string, its expression is an int'],
    ['co2Ppm: [250', 'co2Pm: [250', 'stages.preprocess.via[1].validate.ranges.co2Pm: there is no field co2Pm here'],
    ['co2Ppm: [250', 'building: [250', 'validate.ranges.building: expected a field of numbers, building is a string'],
    ['mean(co2Ppm)', 'maen(co2Ppm)', 'window.compute.co2Mean: there is no aggregate maen'],
    ['mean(co2Ppm)', 'mean(building)', 'window.compute.co2Mean: mean takes numbers, its operand is a string'],
    ['co2Mean: mean', 'count: mean', 'window.compute.count: every window has a count already'],
    ['input: [co2Mean', 'input: [co2Meen', 'stages.serve.via[0].predict.input[0]: there is no field co2Meen here'],
    ['input: [co2Mean', 'input: [key', 'predict.input[0]: expected a field of numbers, key is a string'],
    ['#rooms.v1.Reading', '#rooms.v1.Readin', 'there is no message rooms.v1.Readin; messages: rooms.v1.Reading'],
    [
      'reading.proto#',
      'readings.proto#',
      'record.schema: there is no file ../../proto/data/rooms/v1/readings.proto beside the document',
    ],
    ['target: occupied', 'target: ocupied', 'retrain.trainer.target: rooms.labels has no field ocupied'],
    [
      'target: occupied',
      'target: building',
      'retrain.trainer.target: expected a boolean (two classes) or a number, building is a string',
    ],
    [
      'features: rooms.features, labels',
      'features: rooms.raw, labels',
      'retrain.dataset.features: stage serve asks the model about rooms.features',
    ],
    ['retrain:\n  model: occupancy', 'retrain:\n  model: occupany', 'retrain.model: no stage predicts with occupany'],
    [
      'from: { kafka: { topic: rooms.predictions } }',
      'from: { kafka: { topic: rooms.prediction } }',
      'stages.store.from.kafka.topic: nobody writes rooms.prediction',
    ],
    ['thresholdMad: 4, action: replace', 'action: null', 'hampel.action: expected replace, null or reject, got null'],
    [
      'field: co2Ppm',
      'field: sequence',
      'hampel.action: a median need not be a whole number, sequence is an integer: choose null or reject',
    ],
    [
      'field: co2Ppm, windowMs: 600000, thresholdMad: 4, action: replace',
      'field: sequence, windowMs: 1, action: "null"',
      'hampel.action: sequence is never without a value',
    ],
    ['field: co2Ppm', 'field: building', 'hampel.field: expected a field of numbers, building is a string'],
    [
      '  identity: deviceId + "/" + string(sequence) # by',
      '  # by',
      'archive.via[0].dedupe: has nothing to go by: ids are random',
    ],
    [
      'co2Mean: mean',
      'score: mean(co2Ppm)\n            co2Mean: mean',
      'stages.serve.via[0].predict: the record has a score already',
    ],
    [
      'from: { kafka: { topic: rooms.predictions } }',
      'from: { kafka: { topic: rooms.dead } }',
      'rooms.dead holds records of several kinds, as they came: no stage reads it',
    ],
    [
      'to: { kafka: { topic: rooms.predictions } }',
      'to: { kafka: { topic: rooms.late } }',
      'rooms.late is written by the pipeline itself',
    ],
    ['rooms.features: { ret', 'rooms.featurs: { ret', 'topics["rooms.featurs"]: no stage reads or writes rooms.featurs'],
  ])('%s → %s', (from, to, complaint) => {
    expect(complaintsOf([[from, to]]).join('\n')).toContain(complaint);
  });

  test('an expression that spreads over topics is typed against what the stage before it makes', () => {
    const compute: Replacement = ['      - predict:', '      - compute: { dry: humidityMean < 30.0 }\n      - predict:'];
    const { complaints, stages } = checkText(roomsWith(compute));
    expect(complaints).toEqual([]);
    expect(stages.find(({ name }) => name === 'store')?.output.bindings.map(({ field }) => field)).toContainEqual({
      name: 'dry',
      type: 'boolean',
      nullable: true,
    });
  });

  test('a model is compared by names, order, types and units', () => {
    const input = (name: string, more: object = {}): { name: string; type: 'number' } => ({ name, type: 'number', ...more });
    const others = [input('temperatureMean'), input('humidityMean'), input('lightMean')];
    const withModel = (...inputs: ReturnType<typeof input>[]): string[] =>
      complaintsOf([], { models: new Map([['occupancy/production', inputs]]) });
    expect(withModel(input('co2Mean'), ...others)).toEqual([]);
    expect(withModel(...others)).toEqual([
      expect.stringContaining('predict.input: occupancy (production) takes 3 inputs, got 4; expected temperatureMean,'),
    ]);
    expect(withModel(input('co2'), ...others)).toEqual([
      expect.stringContaining('predict.input[0]: input 1 of occupancy (production) is co2; did you mean co2?'),
    ]);
    expect(withModel(input('co2Mean', { type: 'integer' }), ...others)).toEqual([
      expect.stringContaining('takes co2Mean as an integer, it is a number'),
    ]);
  });
});

describe('ends', () => {
  test.each<readonly [from: string, to: string, complaint: string]>([
    [
      'to: { kafka: { topic: rooms.raw } }',
      'to: { postgres: { url: "${env:X}", table: t, mode: append } }',
      'stages.ingest.to.postgres: a stage from mqtt ends in Kafka: end it with to: { kafka: { topic: rooms.ingest-in } }, and start another one from there to postgres',
    ],
    [
      'to: { kafka: { topic: rooms.raw } }',
      'via: [{ dedupe: { windowMs: 1000 } }]\n    to: { kafka: { topic: rooms.raw } }',
      'stages.ingest.via[0].dedupe: dedupe does not stand behind mqtt: end the stage with to: { kafka: { topic: rooms.ingest-in } }',
    ],
    [
      'to: { kafka: { topic: rooms.features } }',
      'to: { postgres: { url: "${env:X}", table: t, mode: append } }',
      'stages.preprocess.via[2].hampel: hampel keeps values by key, and such a stage ends in Kafka',
    ],
    [
      'to: { kafka: { topic: rooms.predictions } }',
      'to: { postgres: { url: "${env:X}", table: t, mode: append } }',
      'stages.serve.to.postgres: a stage that predicts ends in Kafka',
    ],
    [
      '      - predict:',
      '      - dedupe: { windowMs: 1000 }\n      - predict:',
      'stages.serve.via[0].dedupe: dedupe and predict do not share a stage',
    ],
    [
      'to: { kafka: { topic: rooms.features } }',
      'to: { kafka: { topic: rooms.features, key: building } }',
      'stages.preprocess.to.kafka.key: hampel works by the key that records came with',
    ],
    [
      'topic: rooms.raw } }\n    via: [{ dedupe',
      'topic: rooms.labels } }\n    via: [{ hampel: { field: sequence, windowMs: 1, action: reject } }, { dedupe',
      'stages.archive.via[1].dedupe: dedupe must come before hampel',
    ],
    [
      '      - dedupe:',
      '      - dedupe: { windowMs: 1 }\n      - dedupe:',
      'stages.preprocess.via[1].dedupe: dedupe stands in this stage already',
    ],
    [
      'mode: upsert',
      'mode: upsert, idColumn: score',
      'stages.store.to.postgres: table predictions: the field score would be the column score',
    ],
    [
      'from: { kafka: { topic: rooms.features } }',
      'from: { kafka: { topic: rooms.predictions } }',
      'stages.serve.from.kafka.topic: reads what comes, over other stages, from itself: serve → store',
    ],
    [
      'from: { kafka: { topic: rooms.features } }',
      'record: { schema: x.avsc, eventTime: { field: a }, key: b }\n    from: { kafka: { topic: rooms.features } }',
      'stages.serve.record: rooms.features says itself what it holds',
    ],
    [
      'to: { kafka: { topic: rooms.labels } }',
      'to: { kafka: { topic: rooms.raw } }',
      'stages.labels.to.kafka.topic: stage ingest writes other records to rooms.raw: they have temperatureC',
    ],
  ])('%s → %s', (from, to, complaint) => {
    expect(complaintsOf([[from, to]]).join('\n')).toContain(complaint);
  });
});

describe('external topics', () => {
  const foreign = `pipeline: foreign
document: 1
topics: { weather: { external: true, partitions: 3, schema: ../../proto/data/rooms/v1/reading.proto#rooms.v1.Reading } }
stages:
  keep:
    from: { kafka: { topic: weather } }
    via: [{ validate: { ranges: { co2Ppm: [0, 9] } } }]
    to: { kafka: { topic: foreign.kept, key: 'room' } }
`;

  test('are read as they are, and not created', () => {
    const { complaints, topics, stages } = checkText(foreign);
    expect(complaints).toEqual([]);
    expect(topics.map(({ topic }) => topic)).toEqual(['foreign.kept', 'foreign.dead']);
    expect(stages[0]).toMatchObject({
      from: { kind: 'kafka', topic: 'weather', partitions: 3 },
      service: 'preprocessor',
      facts: { identity: null, timeSlot: null },
    });
    expect(stages[0]?.facts.key).not.toBeNull();
  });

  test('must say how many partitions they have, and what they hold unless that is registered', () => {
    const [complaint] = checkText(foreign.replace('partitions: 3, ', '')).complaints;
    expect(complaint?.message).toContain('expected partitions as well');
    const bare = foreign.replace(/, schema: \S+/, '');
    expect(checkText(bare).complaints[0]?.message).toContain(
      'expected the schema of weather, which is not registered as weather-value',
    );
    const registered = {
      subject: 'weather-value',
      id: 1,
      version: 1,
      format: 'AVRO',
      text: '{"type":"record","name":"W","fields":[{"name":"co2Ppm","type":"double"},{"name":"room","type":"string"}]}',
    } as const;
    expect(checkText(bare, { registered: new Map([['weather-value', registered]]) }).complaints).toEqual([]);
  });

  test('are not written here', () => {
    const written = roomsText.replace('rooms.features: { retentionMs: -1 }', 'rooms.features: { external: true, partitions: 4 }');
    expect(checkText(written).complaints.map(({ message }) => message)).toContain(
      'rooms.features is not external: stage preprocess writes it',
    );
  });
});

describe('devices', () => {
  test('have sessions of their own', () => {
    const shared: Replacement = [
      'topics: [building/+/room/+/label]',
      'clientId: rooms.ingest\n        topics: [building/+/room/+/label]',
    ];
    expect(complaintsOf([shared])).toEqual([
      expect.stringContaining(
        'stages.labels.from.mqtt.clientId: stage ingest has this session: two clients of one name push each other out',
      ),
    ]);
  });

  test('a record that no stage uses is told', () => {
    const foreign =
      'pipeline: p\ndocument: 1\nrecord: { schema: a.avsc, eventTime: { field: a }, key: a }\nstages:\n  a:\n    from: { kafka: { topic: t } }\n    to: { kafka: { topic: p.u } }\n';
    expect(checkText(foreign).complaints.map(({ path, message }) => `${path}: ${message}`)).toContain(
      'record: no stage that reads from devices uses it',
    );
  });
});
