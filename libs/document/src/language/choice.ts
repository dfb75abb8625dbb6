import { z } from 'zod';

/** A mapping with exactly one of the keys: what stands there is known by it. */
export function choiceOf<const Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape);
  return z
    .strictObject(shape)
    .partial()
    .refine((chosen) => Object.keys(chosen).length === 1, {
      error: ({ input }) => {
        const got = Object.keys(input as object);
        return `expected exactly one of ${names.join(', ')}, got ${got.length === 0 ? 'nothing' : got.join(', ')}`;
      },
    })
    .meta({ minProperties: 1, maxProperties: 1 });
}
