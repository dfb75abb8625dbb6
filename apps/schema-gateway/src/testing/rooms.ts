import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { pipelines as api } from '@penstock/contracts';

const root = join(import.meta.dirname, '../../../..');

/** The sample pipeline under another name, so that its topics and subjects are its own; with what it refers to. */
export function roomsDocument(pipeline: string): api.Document {
  const text = readFileSync(join(root, 'deploy/pipelines/rooms.yaml'), 'utf8');
  const paths = [...text.matchAll(/schema: (\S+)#/g)].map(([, path]) => path as string);
  const files = paths.map((path) => [path, readFileSync(join(root, 'deploy/pipelines', path), 'utf8')] as const);
  return {
    text: text.replaceAll(/\brooms(?=\.(?!v1))/g, pipeline).replace('pipeline: rooms', `pipeline: ${pipeline}`),
    file: 'rooms.yaml',
    files: new Map(files),
  };
}

/** The text of the readings' schema. */
export function readingProto(): string {
  return readFileSync(join(root, 'proto/data/rooms/v1/reading.proto'), 'utf8');
}
