import { existsSync, readFileSync, writeFileSync } from 'node:fs';

interface ExportedSpan {
  readonly traceId: string;
}

interface ExportRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: {
      readonly attributes?: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
    };
    readonly scopeSpans?: readonly { readonly spans?: readonly ExportedSpan[] }[];
  }[];
}

interface Found {
  readonly services: Set<string>;
  readonly spans: object[];
}

const spansMax = 200;

/** Of all exported traces the one that passed through most services, as a file of its own. Null when nothing was exported. */
export function chooseTrace(spanFile: string, traceFile: string): string | null {
  if (!existsSync(spanFile)) return null;
  const traces = new Map<string, Found>();
  for (const line of readFileSync(spanFile, 'utf8').split('\n'))
    if (line !== '') collect(JSON.parse(line) as ExportRequest, traces);
  let best: readonly [string, Found] | null = null;
  for (const trace of traces) if (best === null || trace[1].services.size > best[1].services.size) best = trace;
  if (best === null) return null;
  const [traceId, { services, spans }] = best;
  writeFileSync(traceFile, JSON.stringify({ traceId, services: [...services].sort(), spans: spans.slice(0, spansMax) }, null, 2));
  return traceFile;
}

function collect({ resourceSpans = [] }: ExportRequest, traces: Map<string, Found>): void {
  for (const { resource, scopeSpans = [] } of resourceSpans) {
    const service = resource?.attributes?.find(({ key }) => key === 'service.name')?.value.stringValue ?? 'unknown';
    for (const span of scopeSpans.flatMap(({ spans = [] }) => spans)) {
      const found = traces.get(span.traceId) ?? { services: new Set(), spans: [] };
      found.services.add(service);
      found.spans.push({ service, ...span });
      traces.set(span.traceId, found);
    }
  }
}
