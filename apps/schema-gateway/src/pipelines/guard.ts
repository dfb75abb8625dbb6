import {
  type AppliedPipeline,
  type AppliedSchema,
  type CheckedDocument,
  type Complaint,
  checkDocument,
  readDocument,
  sourceOf,
} from '@penstock/document';
import { Problem } from '@penstock/kernel';
import { parseSchema } from '@penstock/schema';
import type { State } from '../log/state.ts';
import { appliedPipelines, type ModelInputs, registeredSchemas } from './facts.ts';

/** One thing that a deployed pipeline would not find any more. */
export interface Break {
  readonly pipeline: string;
  /** Empty: not one stage alone. */
  readonly stage: string;
  /** Empty: not one field alone. */
  readonly field: string;
  /** Where the document asks for it. */
  readonly path: string;
  readonly message: string;
}

/** What a new version of a schema means for a deployed pipeline. */
export interface Consequence {
  readonly applied: AppliedPipeline;
  readonly breaks: readonly Break[];
  /** The document as it would be with the new version. */
  readonly checked: CheckedDocument;
  /** False where the pipeline makes the schema itself, and would make it otherwise. */
  readonly follows: boolean;
}

/**
 * Types every deployed document that names the subject anew, as if the proposed version were registered. Only recorded facts are
 * looked at: documents, schemas and the inputs of models. What the proposed version refers to is typed with it. A new version of that
 * alone concerns nobody: references are to one version for ever.
 */
export function consequencesOf(state: State, proposed: Omit<AppliedSchema, 'message'>, models: ModelInputs): Consequence[] {
  const concerned = appliedPipelines(state).filter(({ schemas }) => schemas[proposed.subject] !== undefined);
  if (concerned.length === 0) return [];
  const registered = registeredSchemas(state);
  return concerned.map((applied) => {
    const before = applied.schemas[proposed.subject] as AppliedSchema;
    const after = { ...proposed, ...(before.message === undefined ? {} : { message: before.message }) };
    const checked = checkAgain(applied, after, { registered, models });
    const known = checked.complaints.length === 0 ? [] : checkAgain(applied, before, { registered, models }).complaints;
    const added = checked.complaints.filter(
      ({ path, message }) => !known.some((each) => each.path === path && each.message === message),
    );
    const lost = lostFields(before, after);
    const follows = checked.schemas.some(({ subject, text }) => subject === proposed.subject && text === proposed.text);
    return { applied, checked, follows, breaks: added.map((complaint) => breakOf(applied.pipeline, complaint, lost)) };
  });
}

interface Facts {
  readonly registered: ReadonlyMap<string, AppliedSchema>;
  readonly models: ModelInputs;
}

/** A deployed document brings no files: what they said was registered. */
function checkAgain({ pipeline, document, schemas }: AppliedPipeline, schema: AppliedSchema, facts: Facts): CheckedDocument {
  const registered = new Map(facts.registered).set(schema.subject, schema);
  const applied = new Map(Object.entries(schemas)).set(schema.subject, schema);
  const reading = readDocument(JSON.stringify(document), { file: `${pipeline}.yaml` });
  return checkDocument(reading, { readFile: () => null, registered, applied, models: facts.models });
}

/** Fields that are gone or hold something else. */
function lostFields(before: AppliedSchema, after: AppliedSchema): string[] {
  const now = new Map(fieldsOf(after).map(({ name, type }) => [name, type]));
  return fieldsOf(before).flatMap(({ name, type }) => (now.get(name) === type ? [] : [name]));
}

function fieldsOf(schema: AppliedSchema): readonly { readonly name: string; readonly type: string }[] {
  try {
    return parseSchema(sourceOf(schema)).shape.fields;
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return [];
  }
}

function breakOf(pipeline: string, { path, message }: Complaint, lost: readonly string[]): Break {
  const words = new Set(`${path} ${message}`.split(/\W+/));
  const named = lost.filter((name) => words.has(name));
  const [first = ''] = named.length > 0 ? named : lost.length === 1 ? lost : [];
  const stage = /^stages\.([^.[]+)/.exec(path)?.[1] ?? /^stages\["([^"]+)"\]/.exec(path)?.[1] ?? '';
  return { pipeline, stage, field: first, path, message };
}
