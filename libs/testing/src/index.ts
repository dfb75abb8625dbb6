export { type BrokerAddresses, brokers } from './brokers.ts';
export { type CertificateFiles, type Certificates, createCertificates } from './certificates.ts';
export { type Collector, openCollector, type ReceivedMetric, type ReceivedSpan } from './collector.ts';
export { randomName } from './random-name.ts';
export { seeded } from './seeded.ts';
export { until } from './until.ts';
