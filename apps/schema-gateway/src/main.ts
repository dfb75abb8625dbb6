import { runService } from '@penstock/service';
import { schemaGateway } from './service.ts';

await runService(schemaGateway);
