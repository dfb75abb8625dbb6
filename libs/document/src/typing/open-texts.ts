import type { Binding } from '@penstock/kernel';
import type { AppliedSchema } from '../applied.ts';
import type { OpenText } from './stage-facts.ts';
import type { StagePlace } from './stage-place.ts';

interface Encrypting {
  /** Columns of what comes in, in which keys and identities are computed. */
  readonly input: { readonly schema: AppliedSchema; readonly columns: readonly Binding[] };
  readonly output: { readonly schema: AppliedSchema | null; readonly columns: readonly Binding[] };
}

/** Keys and identities stand in Kafka as they are: they would show what the rules of a record that is read or written hide. */
export function complainOfOpenTexts(place: StagePlace, texts: readonly OpenText[], { input, output }: Encrypting): void {
  for (const { path, names, where } of texts) {
    for (const { field, slot } of input.columns.filter((column) => names.has(column.field.name))) {
      const written = output.columns.find((column) => column.slot === slot)?.field.name;
      const hiding = [
        { schema: input.schema, name: field.name },
        ...(output.schema === null || written === undefined ? [] : [{ schema: output.schema, name: written }]),
      ].find(({ schema, name }) => place.sources.encrypted(schema).includes(name));
      if (hiding === undefined) continue;
      const message = `the rules of ${hiding.schema.subject} encrypt ${hiding.name}, and ${where} stands in Kafka in clear`;
      place.complaints.add({ path, code: 'document.encrypted', message });
    }
  }
}
