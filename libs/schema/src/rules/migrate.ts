import type { Schema } from '../schema.ts';
import { type CompiledRules, compileRules, isSecret, openRules, type RuleSurroundings } from './apply-rules.ts';
import { type RuleMoment, rulesAt } from './contract.ts';
import { Passage, type RecordForm } from './passage.ts';
import { openRecordForm } from './record-form.ts';

/** A way of a record from the version that it was written with to the one that a reader expects. */
export interface Migration {
  readonly writer: Schema;
  readonly reader: Schema;
  readonly moment: Extract<RuleMoment, 'UPGRADE' | 'DOWNGRADE'>;
  /** The schemas whose migration rules are passed, in the order in which they are. */
  readonly passed: readonly Schema[];
}

/**
 * The way through the versions between two, as Confluent's clients have it: up by the rules of each later version, the reader's too; down by
 * those of each version that is left, the writer's first. Null where none of them has rules for it: then the record is read as it is.
 * `versions` are those from the lower of the two on to the higher.
 */
export function planMigration(versions: readonly Schema[], moment: Migration['moment']): Migration | null {
  const later = versions.slice(1);
  const passed = (moment === 'UPGRADE' ? later : later.toReversed()).filter(
    ({ contract }) => contract !== undefined && rulesAt(moment, contract).length > 0,
  );
  const [writer, reader] = moment === 'UPGRADE' ? [versions[0], versions.at(-1)] : [versions.at(-1), versions[0]];
  if (passed.length === 0 || writer === undefined || reader === undefined) return null;
  return { writer, reader, moment, passed };
}

/**
 * From bytes of the writer's schema to bytes of the reader's: the writer's rules of the encoding, the migrations, and the reader's rules for
 * reading.
 */
export function compileMigration({ writer, reader, moment, passed }: Migration, surroundings: RuleSurroundings): CompiledRules {
  const form = formBetween(openRecordForm(writer), openRecordForm(reader));
  const rules = passed.flatMap((schema) => openRules(schema, { ...surroundings, moment }));
  const way = { form, rules, isSecret: [writer, reader, ...passed].some(isSecret) };
  const steps = [
    compileRules(writer, 'READ', { ...surroundings, only: 'encoding' }),
    { run: (body: Uint8Array) => new Passage(way, body).run() },
    compileRules(reader, 'READ', { ...surroundings, only: 'domain' }),
  ];
  return {
    waits: true,
    ofBytes: true,
    isSecret: way.isSecret,
    async run(body) {
      let bytes = body;
      for (const step of steps) if (step !== null) bytes = await step.run(bytes);
      return bytes;
    },
  };
}

/** Read by one schema, JSON in between, written by the other. */
function formBetween(from: RecordForm, to: RecordForm): RecordForm {
  const same = (json: unknown): unknown => json;
  return {
    read: (body) => from.toJson(from.read(body)),
    write: (json) => to.write(to.fromJson(json)),
    toJson: same,
    fromJson: same,
    converts: true,
    ...(to.replacing === undefined ? {} : { replacing: to.replacing }),
  };
}
