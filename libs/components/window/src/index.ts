export { type Aggregate, type AggregateKind, aggregateKinds } from './aggregates.ts';
export { createWindow, type WindowSettings } from './transform.ts';
