import { configOf, registryProblems, type StoredVersion } from '@penstock/registry';
import type { CompatibilityLevel, VersionIncompatibility } from '@penstock/schema';
import { isPremature } from '../schemas/caught-up.ts';
import { type CheckAnswer, check } from '../schemas/check.ts';
import { describeBreak } from '../schemas/describe.ts';
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
    const messages = flag(call.query, 'verbose') && !isCompatible ? { messages: messagesOf(checked, versions ?? []) } : {};
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
function messagesOf({ level, incompatibilities, breaks }: CheckAnswer, versions: readonly StoredVersion[]): string[] {
  const reasons = incompatibilities.map((found) => reasonOf(found, level));
  const compared = [...new Set(incompatibilities.map(({ version }) => version))];
  const old = compared.flatMap((version) => {
    const stored = versions.find((each) => each.version === version);
    return [`{oldSchemaVersion: ${version}}`, ...(stored === undefined ? [] : [`{oldSchema: '${stored.content.text}'}`])];
  });
  return [
    ...reasons,
    ...breaks.map((found) => `{errorType:'BREAKS_PIPELINE', description:'${describeBreak(found)}'}`),
    ...old,
    `{compatibility: '${level}'}`,
  ];
}

function reasonOf({ type, path, message, reader }: VersionIncompatibility, _level: CompatibilityLevel): string {
  return `{errorType:'${type}', description:'at path '${path}': ${message}', additionalInfo:'${reader ?? ''}'}`;
}
