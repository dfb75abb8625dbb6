import { type Meter, metrics as meters, type Tracer, trace } from '@opentelemetry/api';
import type { LogLine } from '../log.ts';

/**
 * Traces, metrics and logs by OpenTelemetry. Without an endpoint in the environment (`OTEL_EXPORTER_OTLP_ENDPOINT`) nothing is
 * loaded, and tracer and meter do nothing.
 */
export interface Telemetry extends AsyncDisposable {
  /** False: whatever is told here goes nowhere, and hot paths may skip telling it. */
  readonly on: boolean;
  readonly tracer: Tracer;
  readonly meter: Meter;
  log(line: LogLine): void;
}

const scope = 'penstock';

export async function openTelemetry(service: string, env: NodeJS.ProcessEnv): Promise<Telemetry> {
  if (!env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_SDK_DISABLED'] === 'true') return noTelemetry();
  const { startExport } = await import('./export.ts');
  const exporting = startExport(service);
  return {
    on: true,
    tracer: trace.getTracer(scope),
    meter: meters.getMeter(scope),
    log: exporting.log,
    [Symbol.asyncDispose]: exporting.stop,
  };
}

export function noTelemetry(): Telemetry {
  return {
    on: false,
    tracer: trace.getTracer(scope),
    meter: meters.getMeter(scope),
    log: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
