import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Observable, ObservableCallback } from '@opentelemetry/api';
import { serviceMetrics } from './metrics.ts';
import type { Telemetry } from './telemetry.ts';

/** Emits what the process needs and whether its doors are open, whenever somebody collects. */
export function observeProcess({ meter, on }: Telemetry, isServing: () => boolean): Disposable {
  if (!on) return { [Symbol.dispose]: () => undefined };
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const gauge = ({ name, unit, description }: (typeof serviceMetrics)[keyof typeof serviceMetrics]): Observable =>
    meter.createObservableGauge(name, { unit, description });
  const { name, ...cpuTime } = serviceMetrics.cpuTime;
  const stops = [
    attach(gauge(serviceMetrics.serving), (result) => result.observe(isServing() ? 1 : 0)),
    attach(gauge(serviceMetrics.memory), (result) => result.observe(process.memoryUsage.rss())),
    attach(meter.createObservableCounter(name, cpuTime), (result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user / 1e6, { 'cpu.mode': 'user' });
      result.observe(system / 1e6, { 'cpu.mode': 'system' });
    }),
    attach(gauge(serviceMetrics.eventLoopDelay), (result) => {
      result.observe(delay.percentile(99) / 1e9);
      delay.reset();
    }),
  ];
  return {
    [Symbol.dispose]() {
      for (const stop of stops) stop();
      delay.disable();
    },
  };
}

function attach(instrument: Observable, callback: ObservableCallback): () => void {
  instrument.addCallback(callback);
  return () => instrument.removeCallback(callback);
}
