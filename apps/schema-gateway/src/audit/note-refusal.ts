import { currentCaller } from '../access/caller.ts';
import type { Gateway } from '../gateway.ts';
import { breaksPipelines } from '../problems.ts';

/** Runs what registers a schema; that it would break what is deployed stands in the audit, with who wanted it. */
export async function notingRefusal<Answer>(
  { journal }: Pick<Gateway, 'journal'>,
  subject: string,
  run: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await run();
  } catch (thrown) {
    if (breaksPipelines.caused(thrown))
      journal.refused({ caller: currentCaller(), action: 'schema.register', subject, reason: thrown.message });
    throw thrown;
  }
}
