import type { z } from 'zod';
import type { documentLanguage } from './language/document.ts';

/** A document as it was written, with references unresolved and defaults not filled in. Plain JSON. */
export type PipelineDocument = z.input<typeof documentLanguage>;
