export type { Broker } from './broker.ts';
export { cached } from './cache.ts';
export { containerSite } from './container-runner.ts';
export type { BrokerName, Declaration } from './declaration.ts';
export { eraseDownloads } from './erase.ts';
export { kafkaLibraries } from './kafka.ts';
export { copyMavenDependencies, findJava } from './maven.ts';
export {
  type Brokers,
  type BrokersOptions,
  cacheFolder,
  declarations,
  eraseBrokers,
  openBrokers,
  postWarden,
} from './open-brokers.ts';
export { findFreePort, isFree, requireFreePort } from './ports.ts';
export { familyOf, identityOf, isRunning, isStopped, killFamily, type ProcessIdentity, signalAll } from './process-identity.ts';
export { forgetProcess, recordProcess, sweep } from './process-record.ts';
