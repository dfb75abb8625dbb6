import { kafkaFrom, kafkaTo, mqttFrom, postgresTo } from '../language/ends.ts';
import { documentJsonSchema, type JsonSchemaNode } from '../language/json-schema.ts';
import { recordLanguage } from '../language/record.ts';
import { retrainLanguage } from '../language/retrain.ts';
import { transforms } from '../language/steps.ts';
import { settingsTable, tableOf } from './settings-table.ts';

/** The reference of the pipeline language, in Markdown, out of the schemas by which documents are judged. */
export function referencePage(): string {
  const language = documentJsonSchema();
  const { schemas, topics, errors, stages, retrain } = language.properties ?? {};
  const sections = [
    introduction,
    '## The document',
    tableOf(shallow(language)),
    '## `record`',
    'What devices send. A stage may have a record of its own in the place of the pipeline’s.',
    settingsTable(recordLanguage),
    '## `schemas`',
    schemasText,
    tableOf(valueOf(schemas)),
    '## `topics`',
    topicsText,
    tableOf(valueOf(topics)),
    '## `errors`',
    tableOf(errors ?? {}),
    '## `stages`',
    stagesText,
    tableOf(shallow(valueOf(stages))),
    '### `from: { mqtt: … }`',
    settingsTable(mqttFrom),
    '### `from: { kafka: … }`',
    settingsTable(kafkaFrom),
    ...transforms.flatMap(({ name, sentence, config }) => [`### \`via: [{ ${name}: … }]\``, sentence, settingsTable(config)]),
    '### `to: { kafka: … }`',
    settingsTable(kafkaTo),
    '### `to: { postgres: … }`',
    settingsTable(postgresTo),
    '## `retrain`',
    settingsTable(retrainLanguage),
    'Each of `when` is one of:',
    tableOf(retrain?.properties?.['when']?.items ?? {}),
    checkText,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Without what stands inside: it has a section of its own. */
function shallow(node: JsonSchemaNode): JsonSchemaNode {
  const entries = Object.entries(node.properties ?? {}).map(([key, inner]) => {
    const { properties: _inside, additionalProperties: _values, ...rest } = inner;
    return [key, rest] as const;
  });
  return { ...node, properties: Object.fromEntries(entries) };
}

function valueOf(node: JsonSchemaNode | undefined): JsonSchemaNode {
  const { additionalProperties } = node ?? {};
  return typeof additionalProperties === 'object' ? additionalProperties : {};
}

const introduction = `<!-- Made by \`npm run generate\` out of the schemas in libs/document and the components: change it there. -->

# The pipeline document

One YAML document says where records come from, what happens to them, where they go, and how the model is trained anew.
\`deploy/pipelines/rooms.yaml\` is a whole one. Editors complete and check it by
[\`pipeline.schema.json\`](pipeline.schema.json):

\`\`\`yaml
# yaml-language-server: $schema=../../docs/reference/pipeline.schema.json
\`\`\`

* Whatever is computed is [CEL](../../libs/expressions/README.md), typed against the fields that are there.
* \`\${env:NAME}\` and \`\${file:PATH}\` stand for addresses and secrets, and for nothing else. The service that needs one looks it up.
* Every number with a unit ends in its unit.`;

const schemasText = `Schemas may refer to others: \`import\` of Protobuf, a named type of Avro, \`$ref\` of JSON Schema. A file of Protobuf or JSON that is
named by its path is looked for in the folder of the file that names it and in those above. Everything else is said here, by the name that
the schema calls it: the import, the full name of the type, what stands before the \`#\`.

\`\`\`yaml
schemas:
  rooms.Place: { file: place.avsc }                                 # registered under rooms.Place, before what refers to it
  https://example.org/unit.json: { file: unit.json, subject: units }
  units.Unit: { subject: units-value, version: 3 }                  # registered already, by whomever
\`\`\`

A reference is to one version, for ever: a later version of what is referred to changes nothing for a deployed pipeline until the document
is applied again, or what refers to it is registered anew. The guard looks at that as at any other change.`;

const topicsText = `Topics are created by \`apply\`. Besides those that stages name there are \`<pipeline>.dead\` for records that cannot be taken,
\`<pipeline>.late\` where a window is, and \`<pipeline>.<stage>.changelog\` for the state of a stage. The subject of a topic is
\`<topic>-value\`. A topic of records that came from devices has their schema; any other gets one that is derived from its fields,
in which a field keeps its number for ever.`;

const stagesText = `The ends decide which service runs a stage: one from \`mqtt\` runs in mqtt-ingestor, one with \`predict\` in model-server, one to
\`postgres\` in sink-dispatcher, any other in preprocessor. A mixture is refused, with the split to make. State belongs to the key of
the record, and a stage with state ends in Kafka; only \`dedupe\` may stand before a table.`;

const checkText = `## What is proven when

| | \`penstock check\`, offline | \`penstock plan\`, against what runs | at run time only |
|---|---|---|---|
| form | keys, types, limits, references | | whether a secret is right |
| fields | names and types through decoding, CEL, windows, models, tables | | whether a payload is what its schema says |
| keys | that keys and ids are strings, that state follows the key | partitions of topics that exist | whether every record has them |
| topics | that somebody writes what is read, that nothing runs in a circle | settings of topics that exist | |
| schemas | that files parse, numbers of fields | compatibility with what is registered | |
| models | inputs by name, order, type and unit, where the model is known | which version an alias points at | how good it is |
| tables | that columns have names of their own | columns of a table that exists | |`;
