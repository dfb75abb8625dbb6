import type { AppliedPipeline } from './applied.ts';
import { documentLanguage } from './language/document.ts';
import type { PipelinePlan } from './pipeline-plan.ts';
import { unplannable } from './problems.ts';
import { formatPath } from './reading/issues.ts';
import { AppliedSources } from './schemas/applied-sources.ts';
import type { Fault } from './typing/complaints.ts';
import { typePipeline } from './typing/type-pipeline.ts';

/** What an applied document means; every service derives the same from the same record. Throws `document.unplannable`. */
export function planPipeline(applied: AppliedPipeline): PipelinePlan {
  const { pipeline, version, document } = applied;
  const facts = { pipeline, version };
  const parsed = documentLanguage.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = formatPath((issue?.path ?? []) as (string | number)[]);
    throw unplannable(`pipeline ${pipeline}: ${path}: ${issue?.message}; this build does not know what it was applied with`, {
      facts,
    });
  }
  const faults: Fault[] = [];
  const typed = typePipeline(parsed.data, new AppliedSources(applied), { add: (fault) => void faults.push(fault) });
  const [fault] = faults;
  if (fault !== undefined) throw unplannable(`pipeline ${pipeline}: ${formatPath(fault.path)}: ${fault.message}`, { facts });
  for (const { name, output } of typed.stages) {
    if (output.schemaId === 'prefix' || output.schema?.guid !== undefined) continue;
    throw unplannable(
      `pipeline ${pipeline}: stage ${name} names the schema of its records in a header, and it was applied without its GUID; apply the document again`,
      { facts },
    );
  }
  return { pipeline, version, ...typed };
}
