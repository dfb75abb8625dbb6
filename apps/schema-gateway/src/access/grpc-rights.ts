import type { pipelines, schema } from '@penstock/contracts';
import { readDocument } from '@penstock/document';
import type { Action } from './grants.ts';
import type { Need } from './need.ts';

/** What a method demands of its caller. */
export interface GrpcRight {
  readonly need: (request: never) => Need;
  readonly isChange?: boolean;
  readonly appliesDocument?: boolean;
}

/** Refused to all but those who may do everything: what is not declared. */
export const undeclaredMethod: GrpcRight = { need: () => ({ action: 'configure', on: 'everything' }), isChange: true };

const list: GrpcRight = { need: () => ({ action: 'read', on: 'anything' }) };
const read: GrpcRight = { need: ({ subject }: Named) => ({ action: 'read', on: { subject } }) };
const readOrAll: GrpcRight = {
  need: ({ subject }: Named) => ({ action: 'read', on: subject === '' ? 'anything' : { subject } }),
};
const lookup: GrpcRight = {
  need: (request: WithSchema) => ({ action: 'read', on: { subject: request.subject }, reads: referencesOf(request) }),
};
const remove: GrpcRight = { need: removing, isChange: true };
const configure: GrpcRight = { need: configuring, isChange: true };

/** Every method, by its path. A test demands that each method of the contracts is here. */
export const grpcRights: Readonly<Record<string, GrpcRight>> = {
  ...under('/penstock.schema.v1.SchemaService', {
    Register: { need: registering, isChange: true },
    Check: lookup,
    Lookup: lookup,
    GetSchema: list,
    GetVersion: read,
    ListSubjects: list,
    ListVersions: readOrAll,
    ListUses: read,
    DeleteVersion: remove,
    DeleteSubject: remove,
    GetConfig: readOrAll,
    SetConfig: configure,
    DeleteConfig: configure,
    GetMode: readOrAll,
    SetMode: configure,
    DeleteMode: configure,
    Watch: list,
  }),
  ...under('/penstock.pipelines.v1.PipelinesService', {
    Check: { need: onDocument('read') },
    Plan: { need: onDocument('read') },
    Apply: { need: onDocument('operate'), isChange: true, appliesDocument: true },
    Remove: { need: ({ pipeline }: pipelines.RemoveRequest): Need => ({ action: 'operate', on: { pipeline } }), isChange: true },
    List: list,
    Watch: list,
  }),
};

type Named = { readonly subject: string };
type WithSchema = Named & { readonly schema?: schema.Schema | undefined };

function under(service: string, methods: Readonly<Record<string, GrpcRight>>): Record<string, GrpcRight> {
  return Object.fromEntries(Object.entries(methods).map(([name, right]) => [`${service}/${name}`, right]));
}

function registering(request: schema.RegisterRequest): Need {
  const action = request.dryRun ? 'read' : request.overrideReason === '' ? 'register' : 'override';
  return { action, on: { subject: request.subject }, reads: referencesOf(request) };
}

function removing({ subject, permanent }: Named & { readonly permanent: boolean }): Need {
  return { action: permanent ? 'purge' : 'delete', on: { subject } };
}

/** Through an alias a subject shows another one. */
function configuring({ subject, alias = '' }: Named & { readonly alias?: string }): Need {
  return { action: 'configure', on: subject === '' ? 'everything' : { subject }, reads: alias === '' ? [] : [alias] };
}

/** A document that cannot be read names no pipeline, and is answered with what is wrong with it. */
function onDocument(action: Action): (request: pipelines.PlanRequest) => Need {
  return ({ document }) => {
    const pipeline = readDocument(document?.text ?? '', { file: 'document' }).document?.pipeline;
    return { action, on: pipeline === undefined ? 'anything' : { pipeline } };
  };
}

function referencesOf({ schema }: WithSchema): string[] {
  return (schema?.references ?? []).map(({ subject }) => subject);
}
