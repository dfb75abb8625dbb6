import { runService } from '@penstock/service';
import { mqttIngestor } from './service.ts';

await runService(mqttIngestor);
