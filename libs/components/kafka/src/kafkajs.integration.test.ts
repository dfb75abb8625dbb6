import { describeDriver } from './conformance/driver.ts';

describeDriver('kafkajs');
