import { configOf, type Registry, registryProblems, type StoredVersion } from '@penstock/registry';
import type { VersionIncompatibility } from '@penstock/schema';
import { isPremature } from '../schemas/caught-up.ts';
import { type CheckAnswer, check } from '../schemas/check.ts';
import { comparedWith, describeBreak } from '../schemas/describe.ts';
import { parseVersion } from '../schemas/find.ts';
import type { Call, Door } from './door.ts';
import { flag, readSchema } from './request.ts';
import { subjectOf } from './subjects.ts';

/** `/compatibility`: with one version, with the latest, or with all that registering would compare with. */
export function addCompatibilityPaths(door: Door): void {
  const { gateway } = door;
  const { registry } = gateway.log.state;
  const verdict = (call: Call, versions: readonly StoredVersion[] | null): object => {
    const subject = subjectOf(call.params);
    const { draft } = readSchema(call.body, call.query);
    const checked = check(gateway, { subject, draft, versions });
    if (checked.noVerdict !== null) throw registryProblems.noVerdict(checked.noVerdict);
    const guarded = configOf(registry, subject).guard ? checked.breaks : [];
    const isCompatible = checked.incompatibilities.length === 0 && guarded.length === 0;
    const messages = flag(call.query, 'verbose') && !isCompatible ? { messages: messagesOf(registry, subject, checked) } : {};
    return { is_compatible: isCompatible, ...messages };
  };
  const answer = (call: Call, versions: readonly StoredVersion[] | null): object => {
    try {
      return verdict(call, versions);
    } catch (thrown) {
      // Whoever wants all reasons is told what is wrong with the schema as one of them.
      const isTold = registryProblems.invalidSchema.caused(thrown) && flag(call.query, 'verbose') && !isPremature(thrown);
      if (isTold) return { is_compatible: false, messages: [thrown.message] };
      throw thrown;
    }
  };
  door.ask('/compatibility/subjects/:subject/versions', (call) => answer(call, null));
  door.ask('/compatibility/subjects/:subject/versions/:version', (call) => {
    const subject = subjectOf(call.params);
    const version = parseVersion(call.params['version'] ?? '');
    const live = registry.versions(subject).filter(({ deleted }) => !deleted);
    // With the latest of nothing everything goes.
    if (version === 'latest') return answer(call, live.slice(-1));
    const stored = live.find((each) => each.version === version);
    if (stored !== undefined) return answer(call, [stored]);
    throw registryProblems.unknownVersion(`Version ${version} not found.`, { facts: { subject, version } });
  });
}

/** In the form that clients of Confluent's registry show. */
function messagesOf(registry: Registry, subject: string, { breaks, ...verdict }: CheckAnswer): string[] {
  return [
    ...verdict.incompatibilities.map(reasonOf),
    ...breaks.map((found) => `{errorType:'BREAKS_PIPELINE', description:'${describeBreak(found)}'}`),
    ...comparedWith(registry, subject, verdict),
  ];
}

function reasonOf({ type, path, message, reader }: VersionIncompatibility): string {
  return `{errorType:'${type}', description:'at path '${path}': ${message}', additionalInfo:'${reader ?? ''}'}`;
}
