import { runService } from '@penstock/service';
import { sinkDispatcher } from './service.ts';

await runService(sinkDispatcher);
