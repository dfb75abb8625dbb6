import { runService } from '@penstock/service';
import { preprocessor } from './service.ts';

await runService(preprocessor);
