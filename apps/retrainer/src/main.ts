import { runService } from '@penstock/service';
import { retrainer } from './service.ts';

await runService(retrainer);
