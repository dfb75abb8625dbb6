import { describeDriverFaults } from './conformance/faults.ts';

describeDriverFaults('platformatic');
