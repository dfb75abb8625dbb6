import type { Names } from '../names.ts';

export function packageFile({ kebab }: Names, tag: string): string {
  return `{
  "name": "@penstock/${kebab}",
  "private": true,
  "type": "module",
  "exports": "./src/index.ts",
  "nx": { "tags": ["${tag}"], "targets": { "test": {} } }
}
`;
}

const transformSettings = `| setting | takes | default | |
|---|---|---|---|
| \`field\` | a text | required | The field that is looked at |
| \`least\` | a number | \`0\` | The least value that is let through, in the unit of the field |`;

const sourceSettings = `| setting | takes | default | |
|---|---|---|---|
| \`lines\` | a list of texts | required | What is read, a record for each |
| \`batchRowsMax\` | a whole number, above 0 | \`500\` | Rows of a batch |`;

const sinkSettings = `| setting | takes | default | |
|---|---|---|---|
| \`outputsMax\` | a whole number, above 0 | \`100000\` | How many outputs a lane may hold |`;

const serviceSettings = `Those of every data service: \`PENSTOCK_KAFKA\`, \`PENSTOCK_REGISTRY\`, and the service kit's own.`;

interface Words {
  readonly what: string;
  readonly behaves: string;
  readonly settings: string;
}

const words: Readonly<Record<string, Words>> = {
  transform: {
    what: 'Rejects records in which a field is below its least value.',
    behaves: 'A value that is not there is not judged. A rejected record goes to the dead letters with `NAME.bad-record`.',
    settings: transformSettings,
  },
  source: {
    what: 'Reads lines as one lane.',
    behaves: 'Positions are the numbers of the lines. Reading goes on from the last settled one.',
    settings: sourceSettings,
  },
  sink: {
    what: 'Keeps outputs in memory.',
    behaves:
      'Outputs and position move together. A claim fences every earlier owner. Without room it is `NAME.away`, and the engine waits.',
    settings: sinkSettings,
  },
  service: {
    what: 'A service with a door to Kafka.',
    behaves: 'It opens whether Kafka answers or not, and drains on SIGTERM.',
    settings: serviceSettings,
  },
};

/** The five headings that every project's README has. */
export function readmeFile({ kebab }: Names, kind: string): string {
  const { what, behaves, settings } = words[kind] as Words;
  return `# ${kebab}

## What it does

${what}

## How it behaves

${behaves.replaceAll('NAME', kebab)}

## Settings

${settings}

## How to test

\`\`\`
npm test -- ${kebab}
\`\`\`

## Decisions

None yet: what was chosen, and what it was chosen over.
`;
}
