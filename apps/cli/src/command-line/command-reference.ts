import type { ListedCommand } from './command.ts';
import { helpOf, overview } from './help.ts';

/** The reference page of the command line: for each command what its `--help` prints. */
export async function commandReference(commands: readonly ListedCommand[]): Promise<string> {
  const sections: string[] = [];
  for (const listed of commands) {
    const help = helpOf(listed, await listed.load()).join('\n');
    sections.push(`## penstock ${listed.name}\n\n\`\`\`text\n${help}\n\`\`\`\n`);
  }
  const head = `# Commands\n\nMade by \`npm run generate\` from what \`--help\` prints.\n\n\`\`\`text\n${overview(commands).join('\n')}\n\`\`\`\n`;
  return [head, ...sections].join('\n');
}
