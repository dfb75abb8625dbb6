import type { Schema } from '../schema.ts';
import { avroSites } from './avro-sites.ts';
import type { FindSites } from './field-rule.ts';
import { pathTagsOf, type TagsAt } from './field-tags.ts';
import { jsonSites } from './json-sites.ts';
import { protobufSites } from './protobuf-sites.ts';

export function openFieldSites(schema: Schema): FindSites {
  const tagsAt: TagsAt = pathTagsOf(schema);
  if (schema.format === 'PROTOBUF') return protobufSites(schema.message, tagsAt);
  return schema.format === 'AVRO' ? avroSites(schema, tagsAt) : jsonSites(schema, tagsAt);
}
