export type { Broker } from './broker.ts';
export type { BrokerName } from './declaration.ts';
export { kafkaLibraries } from './kafka.ts';
export { findJava } from './maven.ts';
export { type Brokers, type BrokersOptions, cacheFolder, openBrokers } from './open-brokers.ts';
export { findFreePort } from './ports.ts';
export { familyOf, identityOf, isRunning, isStopped, type ProcessIdentity, signalAll } from './process-identity.ts';
