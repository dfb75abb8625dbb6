import { defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { show } from '../command-line/output.ts';
import { parseCount } from '../command-line/parse-call.ts';
import { wrongUsage } from '../command-line/problems.ts';
import { openDoor, registryOption } from '../schema/open-door.ts';
import { parseVersion } from '../schema/parse-version.ts';
import { readableText } from '../schema/readable-text.ts';

const options = {
  id: { type: 'string', value: 'n', says: 'by its id instead' },
  raw: { type: 'boolean', says: 'exactly as it is stored; else JSON on one line is indented' },
  ...registryOption,
} as const;

export const schemaGet = defineCommand({
  operands: ['[subject]', '[version]'],
  options,
  details: ['The text goes to standard output, what it is called to standard error. The latest version by default.'],
  async run(call) {
    const { operands, output, values } = call;
    const [subject, version = 'latest'] = operands;
    if ((subject === undefined) === (values.id === undefined)) throw wrongUsage('expected either a subject or --id');
    using door = openDoor(call);
    const found =
      subject === undefined
        ? await door.byId(parseCount(values.id ?? '', '--id'))
        : await door.version(subject, parseVersion(version));
    const names = 'versions' in found ? found.versions : [found];
    if (!output.json) {
      output.tell(
        `${names.map((name) => `${name.subject} version ${name.version}`).join(', ')} · id ${found.id} · ${found.format}`,
      );
      for (const reference of found.references)
        output.tell(`refers to ${reference.name}: ${reference.subject} version ${reference.version}`);
    }
    show(output, found, () => [values.raw ? found.text : readableText(found.format, found.text)]);
    return exitCode.done;
  },
});
