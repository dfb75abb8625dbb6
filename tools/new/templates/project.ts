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

/** The five headings that every project's README has. */
export function readmeFile({ kebab }: Names, kind: string): string {
  return `# ${kebab}

## What it does

One sentence: what this ${kind} is for.

## How it behaves

What it promises, what it refuses and with which code, what it remembers.

## Settings

| setting | what it means | default |
| --- | --- | --- |

## How to test

\`npm test -- ${kebab}\`

## Decisions

What was chosen, and what it was chosen over.
`;
}
