import type { AppliedPipeline } from '@penstock/document';
import { LayeredMap, Registry } from '@penstock/registry';

/** All that the two topics say: schemas and what is applied. A state over another one holds what is about to happen. */
export class State {
  readonly registry: Registry;
  readonly pipelines: LayeredMap<string, AppliedPipeline>;

  constructor(base: State | null = null) {
    this.registry = new Registry(base?.registry ?? null);
    this.pipelines = new LayeredMap(base?.pipelines ?? null);
  }
}
