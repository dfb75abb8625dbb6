import type { AppliedPipeline } from '@penstock/document';
import { LayeredMap, Registry } from '@penstock/registry';
import { Keys } from '../keys/keys.ts';

/** All that the topics say: schemas, keys and what is applied. A state over another one holds what is about to happen. */
export class State {
  readonly registry: Registry;
  readonly keys: Keys;
  readonly pipelines: LayeredMap<string, AppliedPipeline>;

  constructor(base: State | null = null) {
    this.registry = new Registry(base?.registry ?? null);
    this.keys = new Keys(base?.keys ?? null);
    this.pipelines = new LayeredMap(base?.pipelines ?? null);
  }
}
