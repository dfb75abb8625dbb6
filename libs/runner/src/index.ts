export {
  createExecutorsOf,
  createRegistryOf,
  type DataService,
  type DataServiceConfig,
  dataServiceConfig,
  openDataService,
  openKafkaOf,
} from './data-service.ts';
export { Histogram } from './histogram.ts';
export type { HostedStage, StageHost } from './hosted-stage.ts';
export { schemaOf, withKnown } from './known-schemas.ts';
export { groupOf } from './open-ends.ts';
export { type PipelineWatchOptions, pipelinesTopic, watchPipelines } from './pipeline-watch.ts';
export { healthNameOf, isProgressing } from './progress.ts';
export { RunningStage, type RunningStageParts } from './running-stage.ts';
export type { EndContext, EndMakers, PayloadEnd, SinkEnd, SourceEnd } from './stage-ends.ts';
export { openStageHost, type StageHostOptions } from './stage-host.ts';
export {
  type CompileContext,
  compileStage,
  createInputDecoder,
  createOutputEncoder,
  type FindPredictor,
} from './stage-parts.ts';
export { type StageReading, type StageState, StageStatus } from './stage-status.ts';
