/** One way to run a broker: as a local process or in a container. */
export interface Runner {
  /** Starts the broker on its data; it may take a while until it answers. */
  start(): Promise<Running>;
  /** Takes away what the broker stored. */
  erase(): Promise<void>;
}

export interface Running {
  readonly pid: number;
  /** Resolves when the broker has ended, with a sentence that says how. */
  readonly ended: Promise<string>;
  /** Asks it to end in good order. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** The end of what it printed. */
  lastLines(): string;
}
