import { Problem } from '@penstock/kernel';
import { canonicalOf, encryptedFields, parseSchema, type SchemaFormat, type SchemaReference } from '@penstock/schema';
import { type AppliedSchema, sourceOf } from '../applied.ts';
import type { DerivedSchema } from '../check-facts.ts';

/** What is registered and says the same stays as it stands, so that a comment more makes no new version. Else id and version are 0. */
export function asRegistered(schema: DerivedSchema, registered: AppliedSchema | undefined): AppliedSchema {
  if (registered === undefined || !saysTheSame(registered, schema)) return { ...schema, id: 0, version: 0 };
  return { ...schema, text: registered.text, id: registered.id, version: registered.version };
}

function saysTheSame(registered: AppliedSchema, schema: DerivedSchema): boolean {
  if (registered.format !== schema.format || namesOf(registered) !== namesOf(schema)) return false;
  try {
    return canonicalOf(sourceOf(registered)) === canonicalOf(sourceOf(schema));
  } catch (thrown) {
    if (thrown instanceof Problem) return false; // what is registered may be beyond this build
    throw thrown;
  }
}

function namesOf({ references = [] }: DerivedSchema): string {
  const name = ({ name: by, subject, version }: SchemaReference): string => JSON.stringify([by, subject, version]);
  return references.map(name).sort().join();
}

/** What is wrong with the text of a schema; null: nothing. */
export function faultIn(schema: DerivedSchema): string | null {
  try {
    parseSchema(sourceOf(schema));
    return null;
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.message;
    throw thrown;
  }
}

/** The fields that its rules encrypt. */
export function hiddenIn(schema: AppliedSchema): readonly string[] {
  try {
    return encryptedFields(parseSchema(sourceOf(schema)));
  } catch (thrown) {
    if (thrown instanceof Problem) return []; // whatever is wrong with it is said elsewhere
    throw thrown;
  }
}

export function formatOf(file: string): SchemaFormat {
  if (file.endsWith('.proto')) return 'PROTOBUF';
  return file.endsWith('.avsc') ? 'AVRO' : 'JSON';
}
