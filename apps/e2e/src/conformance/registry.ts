import { openPythonContracts, openPythonRegistryClient } from '../registry/python-registry.ts';
import { type Check, tryOut } from './check.ts';
import { checkConfluentJava, fetchConfluentJava } from './confluent-java.ts';
import { checkConnect, fetchConverters } from './connect.ts';
import { checkGo, fetchGo } from './go.ts';
import { checkJava, fetchJava } from './java.ts';
import { checkJavascript } from './javascript.ts';
import { checkContracts, checkPython } from './python.ts';

/** Clients by the word that asks for them alone. */
export const clients = ['javascript', 'python', 'contracts', 'go', 'java', 'confluent-java', 'connect'] as const;
export type ClientName = (typeof clients)[number];

type Run = (place: { readonly url: string; readonly kafka: string | null }, prefix: string) => Promise<readonly Check[]>;

const runs: Readonly<Record<ClientName, Run>> = {
  javascript: ({ url }, prefix) =>
    tryOut(
      'JavaScript, @confluentinc/schemaregistry',
      async () => null,
      () => checkJavascript(url, prefix),
    ),
  python: ({ url }, prefix) =>
    tryOut('Python, confluent-kafka', openPythonRegistryClient, (python) => checkPython(python, url, prefix)),
  contracts: ({ url }, prefix) =>
    tryOut('Python, confluent-kafka with rules', openPythonContracts, (python) => checkContracts(python, url, prefix)),
  go: ({ url }, prefix) => tryOut('Go, franz-go/pkg/sr', fetchGo, (program) => checkGo(program, url, prefix)),
  java: ({ url }, prefix) => tryOut('Java, spring-cloud-stream-schema', fetchJava, (client) => checkJava(client, url, prefix)),
  'confluent-java': ({ url }, prefix) =>
    tryOut('Java, Confluent’s client and serialisers', fetchConfluentJava, (client) => checkConfluentJava(client, url, prefix)),
  connect: ({ url, kafka }, topic) =>
    tryOut(
      'Kafka Connect, AvroConverter',
      async () => ({ converters: await fetchConverters(), kafka: needed(kafka) }),
      (fetched) => checkConnect(fetched.converters, { url, kafka: fetched.kafka, topic }),
    ),
};

/** Connect is nothing without it. */
function needed(kafka: string | null): string {
  if (kafka !== null) return kafka;
  throw new Error('a Connect worker needs a Kafka, which PENSTOCK_KAFKA names where the registry is another');
}

export interface RegistryConformance {
  readonly url: string;
  /** For clients that move records; null: there is none. */
  readonly kafka: string | null;
  /** Of all subjects. */
  readonly prefix: string;
  readonly only: readonly ClientName[];
  readonly tell: (line: string) => void;
}

/** Runs stock clients against a registry, one after the other. */
export async function runRegistryConformance({ url, kafka, prefix, only, tell }: RegistryConformance): Promise<Check[]> {
  const checks: Check[] = [];
  for (const name of only) {
    tell(`${name}: fetched below .penstock/cache if it is not there, then run`);
    checks.push(...(await runs[name]({ url, kafka }, `${prefix}-${name}`)));
  }
  return checks;
}
