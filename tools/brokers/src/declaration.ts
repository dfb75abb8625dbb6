/** The real parts that Penstock stands on. */
export type BrokerName = 'kafka' | 'mosquitto' | 'redis' | 'postgres';

export type Log = (line: string) => void;

/** Where one broker listens and keeps its files, as the broker itself sees it (inside a container: the container's view). */
export interface Site {
  /** The address to bind. */
  readonly host: string;
  readonly port: number;
  /** The host and port under which clients reach it. */
  readonly clientHost: string;
  readonly clientPort: number;
  /** A second free port, for brokers that talk to themselves. */
  readonly innerPort: number;
  readonly dataFolder: string;
  /** Holds the files of `Declaration.files`. */
  readonly configFolder: string;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: User;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** A broker that is installed as local programs. */
export interface LocalPrograms {
  /** Makes an empty data folder usable; leaves a used one alone. */
  format(site: Site): Promise<void>;
  command(site: Site): Command;
  /** Who owns the data; the caller when absent. */
  readonly user?: User;
  /** Another place for the data where the wanted one cannot be used. */
  dataFolder?(wanted: string): string;
}

/** The same broker out of its official image. */
export interface ContainerImage {
  readonly image: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly configFolder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Arguments after the image's name. */
  args(site: Site): readonly string[];
  /** What to run inside to see that it answers; ends with 0 when it does. */
  readonly healthy: readonly string[];
}

/** Everything that is known of one broker, said once: a container and a local process are two ways to run it. */
export interface Declaration {
  readonly name: BrokerName;
  /** The address that clients are given. */
  address(port: number): string;
  /** Configuration files by name, written before each start. */
  files(site: Site): Readonly<Record<string, string>>;
  /** Resolves when the broker answers its own protocol; throws while it does not. */
  ready(port: number): Promise<void>;
  /** The signal that ends it in good order, and how long that may take. */
  readonly stop: { readonly signal: NodeJS.Signals; readonly deadlineMs: number };
  readonly startDeadlineMs: number;
  /** Finds the programs or fetches them into `cacheFolder`. */
  install(cacheFolder: string, log: Log): Promise<LocalPrograms>;
  readonly container: ContainerImage;
}
