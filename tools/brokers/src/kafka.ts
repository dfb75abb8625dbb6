import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.ts';
import type { Declaration, LocalPrograms, Log, Site } from './declaration.ts';
import { ask } from './dialogue.ts';
import { copyMavenDependencies, findJava } from './maven.ts';
import { runProgram } from './run-program.ts';

const pomFile = join(import.meta.dirname, '../kafka.pom.xml');
const version = /<kafka\.version>(.+)<\/kafka\.version>/.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? '';

/** Any 22 characters of base64 do; the same for ever, so that kept data can be opened again. */
const clusterId = 'UGVuc3RvY2tQZW5zdG9jaw';
const propertiesFile = 'server.properties';
const loggingFile = 'log4j2.properties';
const heap = ['-Xms256m', '-Xmx512m'];

/** Apache Kafka as one KRaft node that is broker and controller at once. */
export const kafka: Declaration = {
  name: 'kafka',
  address: (port) => `127.0.0.1:${port}`,
  files: (site) => ({ [propertiesFile]: serverProperties(site), [loggingFile]: logging }),
  ready: hasRegisteredBroker,
  stop: { signal: 'SIGTERM', deadlineMs: 30_000 },
  startDeadlineMs: 60_000,
  install,
  container: {
    image: `apache/kafka:${version}`,
    port: 9092,
    dataFolder: '/var/lib/kafka/data',
    configFolder: '/mnt/shared/config',
    env: { KAFKA_HEAP_OPTS: heap.join(' '), CLUSTER_ID: clusterId },
    args: () => [],
    healthy: ['bash', '-c', '</dev/tcp/127.0.0.1/9092'],
  },
};

/** The folder with the broker's jars, which hold Kafka Connect and all of Kafka's command line tools too. */
export function kafkaLibraries(cacheFolder: string, log: Log): Promise<string> {
  return cached(cacheFolder, `kafka-${version}`, async (folder) => {
    log(`kafka: downloading Apache Kafka ${version} by Maven, about 55 MB`);
    await copyMavenDependencies(pomFile, join(folder, 'libs'));
  }).then((folder) => join(folder, 'libs'));
}

async function install(cacheFolder: string, log: Log): Promise<LocalPrograms> {
  const java = await findJava('Kafka');
  const classPath = `${await kafkaLibraries(cacheFolder, log)}/*`;
  const properties = (site: Site): string => join(site.configFolder, propertiesFile);
  const logged = (site: Site): string => `-Dlog4j2.configurationFile=${join(site.configFolder, loggingFile)}`;
  return {
    async format(site) {
      if (existsSync(join(site.dataFolder, 'meta.properties'))) return;
      const tool = [logged(site), '-cp', classPath, 'kafka.tools.StorageTool', 'format', '--cluster-id', clusterId];
      await runProgram({ file: java, args: [...tool, '--config', properties(site), '--ignore-formatted'] });
    },
    command: (site) => ({
      file: java,
      args: [...heap, '-Djava.awt.headless=true', logged(site), '-cp', classPath, 'kafka.Kafka', properties(site)],
    }),
  };
}

function serverProperties(site: Site): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    listeners: `PLAINTEXT://${site.host}:${site.port},CONTROLLER://127.0.0.1:${site.innerPort}`,
    'advertised.listeners': `PLAINTEXT://${site.clientHost}:${site.clientPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    // Named here and not in the formatted log, so that kept data opens on another port.
    'controller.quorum.voters': `1@127.0.0.1:${site.innerPort}`,
    'log.dirs': site.dataFolder,
    'auto.create.topics.enable': false,
    // A consumer group of one starts at once; a broker killed with SIGKILL is back within seconds.
    'group.initial.rebalance.delay.ms': 0,
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 500,
    'transaction.max.timeout.ms': 900_000,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

const logging = `rootLogger.level = info
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c{1} %m%n
`;

/** Metadata request, version 1, no topics: it lists the brokers that the controller has let in. */
const metadataRequest = Buffer.from([0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0]);

async function hasRegisteredBroker(port: number): Promise<void> {
  const answer = await ask(port, metadataRequest, (bytes) => bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0));
  if (answer.readInt32BE(8) < 1) throw new Error('Kafka answers but its broker is not registered with the controller yet');
}
