export { type Aggregate, type AggregateKind, aggregateKinds } from './aggregates.ts';
export { window } from './component.ts';
export { type WindowConfig, windowConfig } from './config.ts';
export { createWindow, type WindowSettings } from './transform.ts';
