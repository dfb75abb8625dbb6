import type { LightShift } from './devices.ts';
import type { ObservationOrder } from './observe.ts';
import type { Pace } from './pace.ts';

/** What the publishing process is started with, as one line of JSON on its standard input. */
export interface PublishingOrder extends ObservationOrder {
  readonly mqttUrl: string;
  readonly clientId: string;
  /** Each acknowledged publish is a line here, as JSON: see `AcknowledgedPublish`. */
  readonly acknowledgedFile: string;
  readonly shift: { readonly fromMs: number | null; readonly kind: keyof typeof lightShifts };
  readonly batteryFromMs: number;
  readonly labelDelayMs: number;
  readonly paces: readonly Pace[];
  /** Before the first publish of each of these moments the process waits for `{ "go": true }`. */
  readonly holds: readonly number[];
}

/** What the parent may say, a line of JSON each. */
export type PublishingCommand = { readonly go: true } | { readonly shiftNow: true } | { readonly end: true };

/** What the process says, a line of JSON each. */
export type PublishingNews =
  | { readonly news: 'source'; readonly says: string; readonly readings: number }
  | ({ readonly news: 'progress'; readonly atMs: number } & Counts)
  | { readonly news: 'held'; readonly atMs: number }
  | { readonly news: 'shifted'; readonly atMs: number }
  | ({ readonly news: 'done' } & Counts);

/** With those of earlier runs that wrote into the same file. */
export interface Counts {
  readonly published: number;
  readonly acknowledged: number;
  /** Those of the acknowledged that are readings, not labels. */
  readonly readings: number;
}

/** A line of the acknowledged file. */
export interface AcknowledgedPublish {
  readonly kind: 'reading' | 'label';
  /** The record's key: building and room. */
  readonly key: string;
  readonly deviceId: string;
  readonly sequence: number;
  readonly observedAtMs: number;
  readonly [value: string]: string | number | boolean;
}

/** What can happen to a light sensor. */
export const lightShifts = {
  /** It lies under a sheet of paper: a sixth of the light comes through. */
  covered: (lux: number) => lux / 6,
  /** Its zero has moved: dark rooms look lit. */
  offset: (lux: number) => lux + 500,
} as const satisfies Readonly<Record<string, LightShift>>;
