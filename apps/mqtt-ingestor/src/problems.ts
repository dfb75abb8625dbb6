import { defineProblem } from '@penstock/kernel';

/** Settings of an MQTT end that make no sense once their references are resolved. */
export const wrongSettings = defineProblem({ code: 'ingest.wrong-settings', status: 'FAILED_PRECONDITION', remedy: 'stop' });
/** No pipeline of this name is applied, or it has no such stage to publish to. */
export const noSuchStage = defineProblem({ code: 'ingest.no-such-stage', status: 'NOT_FOUND', remedy: 'stop' });
/** A request that contradicts itself or an earlier one of its stream. */
export const badRequest = defineProblem({ code: 'ingest.bad-request', status: 'INVALID_ARGUMENT', remedy: 'stop' });
/** As much as may be is on its way to Kafka already. */
export const overloaded = defineProblem({ code: 'ingest.overloaded', status: 'RESOURCE_EXHAUSTED', remedy: 'retry' });
/** A record that carries no payload. */
export const noPayload = defineProblem({ code: 'ingest.no-payload', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** A payload in a format that the schema of the stage is not in. */
export const otherFormat = defineProblem({ code: 'ingest.other-format', status: 'INVALID_ARGUMENT', remedy: 'reject' });
/** A header whose name has a meaning here. */
export const reservedHeader = defineProblem({ code: 'ingest.reserved-header', status: 'INVALID_ARGUMENT', remedy: 'reject' });
