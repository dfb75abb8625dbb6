/** Every metric that a service emits of itself; those of stages are declared in the runner. Dashboards ask for no others. */
export const serviceMetrics = {
  callDuration: { name: 'rpc.server.call.duration', unit: 's', description: 'How long calls took, by method and status' },
  serving: { name: 'penstock.service.serving', unit: '{service}', description: '1 while the doors of the service are open' },
  memory: { name: 'process.memory.usage', unit: 'By', description: 'Resident memory' },
  cpuTime: { name: 'process.cpu.time', unit: 's', description: 'Time that processors spent on the process' },
  eventLoopDelay: { name: 'nodejs.eventloop.delay.p99', unit: 's', description: 'How late timers ran since the last look' },
} as const;

/** Upper bounds of the buckets for durations, in seconds. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
