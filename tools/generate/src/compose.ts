import { containerSite, type Declaration, declarations } from '@penstock/brokers';
import { stringify } from 'yaml';
import type { Generated } from './generated.ts';

const folder = 'deploy/compose/brokers';
const header = '# Made from tools/brokers by `npm run generate`: change the declarations there.\n';

/** The brokers as a layer for Docker Compose, out of the same declarations by which they run as local processes. */
export async function generateCompose(): Promise<readonly Generated[]> {
  const services = Object.fromEntries(declarations.map((declaration) => [declaration.name, serviceOf(declaration)]));
  const volumes = Object.fromEntries(declarations.map(({ name }) => [`${name}-data`, {}]));
  const layer = `${header}${stringify({ services, volumes })}`;
  const files = declarations.flatMap((declaration) =>
    Object.entries(filesOf(declaration)).map(([name, text]) => [`${declaration.name}/${name}`, text] as const),
  );
  const content = [['brokers.yaml', layer] as const, ...files].map(([path, text]) => [path, Buffer.from(text)] as const);
  return [{ place: folder, content: new Map(content) }];
}

/** In the network of the composition a broker is reached by its name. */
function filesOf(declaration: Declaration): Readonly<Record<string, string>> {
  const { name, container } = declaration;
  return declaration.files(containerSite(declaration, { clientHost: name, clientPort: container.port }));
}

function serviceOf(declaration: Declaration): unknown {
  const { name, container, stop, startDeadlineMs } = declaration;
  const hasFiles = Object.keys(filesOf(declaration)).length > 0;
  const command = container.args(containerSite(declaration, { clientHost: name, clientPort: container.port }));
  return {
    image: container.image,
    ...(command.length > 0 ? { command: [...command] } : {}),
    ...(Object.keys(container.env).length > 0 ? { environment: container.env } : {}),
    volumes: [`${name}-data:${container.dataFolder}`, ...(hasFiles ? [`./${name}:${container.configFolder}:ro`] : [])],
    stop_signal: stop.signal,
    stop_grace_period: `${stop.deadlineMs / 1_000}s`,
    healthcheck: {
      test: ['CMD', ...container.healthy].map(escaped),
      interval: '5s',
      timeout: '5s',
      retries: 12,
      start_period: `${startDeadlineMs / 1_000}s`,
    },
    restart: 'unless-stopped',
  };
}

/** Compose takes `$` for the start of a variable. */
function escaped(word: string): string {
  return word.replaceAll('$', '$$$$');
}
