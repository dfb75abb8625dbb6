import { z } from 'zod';

const shown = (input: unknown): string => JSON.stringify(input);

/** Pipelines, stages, models and aliases: they become parts of topics, groups and addresses. */
export const plainName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, {
  error: ({ input }) => `expected a name in lower case such as co2-hourly (letters, digits, hyphens), got ${shown(input)}`,
});

/** Names that begin with `penstock.` or `_` belong to the platform and to Kafka's own tools. */
export const topicName = z.string().regex(/^(?!\.{1,2}$|penstock\.|_)[A-Za-z0-9._-]{1,200}$/, {
  error: ({ input }) =>
    /^(penstock\.|_)/.test(String(input))
      ? `expected a topic of the pipeline's own, ${shown(input)} belongs to the platform`
      : `expected a Kafka topic such as rooms.raw (letters, digits, dots, hyphens), got ${shown(input)}`,
});

export const fieldName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, {
  error: ({ input }) => `expected the name of a field such as co2Ppm, got ${shown(input)}`,
});

/** What it says is checked when the columns are known. */
export const celExpression = z.string().min(1);

/** `path/to/reading.proto#rooms.v1.Reading`. */
export const schemaReference = z.string().regex(/^[^#\s]+\.(proto#[A-Za-z_][A-Za-z0-9_.]*|avsc|json)$/, {
  error: ({ input }) =>
    `expected a file and, for Protobuf, its message, such as reading.proto#rooms.v1.Reading, or a file that ends in .avsc or .json; got ${shown(input)}`,
});
