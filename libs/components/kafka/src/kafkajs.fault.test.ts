import { describeDriverFaults } from './conformance/faults.ts';

describeDriverFaults('kafkajs');
