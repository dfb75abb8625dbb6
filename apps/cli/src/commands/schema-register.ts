import { Problem } from '@penstock/kernel';
import type { SchemaDraft } from '@penstock/schema';
import { type Call, defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show } from '../command-line/output.ts';
import { counted } from '../schema/count-words.ts';
import { draftOptions, readDraft } from '../schema/draft-file.ts';
import { openDoor, registryOption } from '../schema/open-door.ts';
import type { RegistryDoor } from '../schema/registry-door.ts';
import { requireSubject, subjectOption } from '../schema/subject-option.ts';
import { checkLines } from './schema-check.ts';

const options = {
  ...subjectOption,
  ...draftOptions,
  normalize: { type: 'boolean', says: 'the same but for order, spacing and spelling is the same' },
  'dry-run': { type: 'boolean', says: 'say what would come of it, and change nothing' },
  'override-reason': {
    type: 'string',
    value: 'text',
    says: 'take it although it breaks deployed pipelines; the reason is logged',
  },
  ...registryOption,
} as const;

/** Codes of a refusal that a check explains. */
const explained = ['registry.incompatible', 'gateway.breaks-pipelines'];

export const schemaRegister = defineCommand({
  operands: ['<file>'],
  options,
  details: [
    'The same schema again answers the id that it has. `-` reads standard input. Exit code 1: it was refused, and every reason is told.',
  ],
  async run(call) {
    const subject = requireSubject(call.values);
    const draft = readDraft(call.operands[0] ?? '', call.values);
    using door = openDoor(call);
    const { normalize, 'dry-run': dryRun, 'override-reason': overrideReason = '' } = call.values;
    try {
      const { id, version, replanned } = await door.register(subject, draft, { normalize, dryRun, overrideReason });
      const name = version === null ? subject : `${subject} version ${version}`;
      show(call.output, { subject, id, version, replanned, dryRun }, () => [
        dryRun ? `${name} would be taken${id > 0 ? ` with id ${id}` : ''}; nothing was changed` : `${name} has id ${id}`,
        ...(replanned.length === 0
          ? []
          : [`${counted(replanned.length, 'pipeline')} ${dryRun ? 'would go' : 'go'} on with it: ${replanned.join(', ')}`]),
      ]);
      return exitCode.done;
    } catch (thrown) {
      if (thrown instanceof Problem && isRefusal(thrown) && (await explain(call, door, draft))) return exitCode.failed;
      throw thrown;
    }
  },
});

function isRefusal({ code, facts }: Problem): boolean {
  // Registries say 409 or, lately, 40901.
  return explained.includes(code) || String(facts['errorCode']).startsWith('409');
}

/** Tells every reason in the words of a check. False when there is none any more. */
async function explain(call: Call<typeof options>, door: RegistryDoor, draft: SchemaDraft): Promise<boolean> {
  const { output, values } = call;
  if (output.json) return false;
  const subject = requireSubject(values);
  const answer = await door.check(subject, draft, null);
  if (answer.compatible) return false;
  for (const line of checkLines(subject, answer, output.columns)) output.tell(line);
  if (answer.breaks.length > 0) output.tell('--override-reason takes it all the same where only pipelines would break');
  return true;
}
