import { runService } from '@penstock/service';
import { modelServer } from './service.ts';

await runService(modelServer);
