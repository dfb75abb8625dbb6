import { openPythonContracts, openPythonRegistryClient } from '../registry/python-registry.ts';
import { type Check, tryOut } from './check.ts';
import { checkGo, fetchGo } from './go.ts';
import { checkJava, fetchJava } from './java.ts';
import { checkJavascript } from './javascript.ts';
import { checkContracts, checkPython } from './python.ts';

/** Clients by the word that asks for them alone. */
export const clients = ['javascript', 'python', 'contracts', 'go', 'java', 'connect'] as const;
export type ClientName = (typeof clients)[number];

type Run = (url: string, prefix: string) => Promise<readonly Check[]>;

const runs: Readonly<Record<ClientName, Run>> = {
  javascript: (url, prefix) =>
    tryOut(
      'JavaScript, @confluentinc/schemaregistry',
      async () => null,
      () => checkJavascript(url, prefix),
    ),
  python: (url, prefix) =>
    tryOut('Python, confluent-kafka', openPythonRegistryClient, (python) => checkPython(python, url, prefix)),
  contracts: (url, prefix) =>
    tryOut('Python, confluent-kafka with rules', openPythonContracts, (python) => checkContracts(python, url, prefix)),
  go: (url, prefix) => tryOut('Go, franz-go/pkg/sr', fetchGo, (program) => checkGo(program, url, prefix)),
  java: (url, prefix) => tryOut('Java, spring-cloud-stream-schema', fetchJava, (client) => checkJava(client, url, prefix)),
  connect: async () => [
    {
      client: 'Kafka Connect, converters',
      what: 'fetch it',
      outcome: 'not obtainable',
      why: "Confluent's converters are on no public Maven repository; those of Apicurio ask an API of their own",
    },
  ],
};

export interface RegistryConformance {
  readonly url: string;
  /** Of all subjects. */
  readonly prefix: string;
  readonly only: readonly ClientName[];
  readonly tell: (line: string) => void;
}

/** Runs stock clients against a registry, one after the other. */
export async function runRegistryConformance({ url, prefix, only, tell }: RegistryConformance): Promise<Check[]> {
  const checks: Check[] = [];
  for (const name of only) {
    tell(`${name}: fetched below .penstock/cache if it is not there, then run`);
    checks.push(...(await runs[name](url, `${prefix}-${name}`)));
  }
  return checks;
}
