import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { forgetProcess, identityOf, killFamily, type ProcessIdentity, recordProcess } from '@penstock/brokers';
import { type Clock, type Random, systemClock } from '@penstock/kernel';
import { Backoff } from '@penstock/pipeline';
import type { Said } from './platform-event.ts';
import { notReady } from './problems.ts';
import { findEvent, type LoggedEvent, lastWords, sizeOf } from './service-log.ts';

export interface ServiceProcessOptions {
  readonly name: string;
  /** What Node runs. */
  readonly entry: string;
  readonly env: NodeJS.ProcessEnv;
  /** Holds the record of the process, so that a warden can end it. */
  readonly folder: string;
  /** What it prints is appended here. */
  readonly logFile: string;
  /** How long it may take to say that it is ready, and to end when it is asked to. */
  readonly startMs: number;
  readonly drainMs: number;
  readonly said: Said;
  /** Called whenever its process or its addresses are others. */
  changed(): void;
  readonly clock?: Clock;
  readonly random?: Random;
}

interface Run {
  readonly child: ChildProcess;
  readonly identity: ProcessIdentity;
  /** Where its part of the log begins. */
  readonly logFrom: number;
  readonly startedAt: number;
  /** How it ended; `how` reads after the name of the service. */
  readonly ended: Promise<End>;
}

interface End {
  readonly code: number | null;
  readonly how: string;
}

const readyPollMs = 25;
const restartWaits = { firstMs: 250, maxMs: 10_000, stableMs: 30_000 };

/** One service as a process of its own. From `start` to `stop` it is started again whenever it ends. */
export class ServiceProcess {
  readonly name: string;
  readonly #options: ServiceProcessOptions;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  #run: Run | null = null;
  #facts: LoggedEvent | null = null;
  #restarts = 0;
  #keeping: Promise<void> | null = null;
  #stopping = new AbortController();

  constructor(options: ServiceProcessOptions) {
    this.name = options.name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#backoff = new Backoff(restartWaits, options.random ?? Math.random);
  }

  /** The process that runs now; null while there is none. */
  get pid(): number | null {
    return this.#run?.child.pid ?? null;
  }

  /** What it said when it was ready: its addresses among other things. Null until then. */
  get facts(): LoggedEvent | null {
    return this.#facts;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Resolves when it says that it is ready. Throws `platform.service-not-ready` with its own words when it does not. */
  async start(): Promise<void> {
    if (this.#keeping !== null) throw new TypeError(`${this.name} was started before`);
    this.#stopping = new AbortController();
    const run = this.#launch();
    try {
      await this.#becomeReady(run);
    } catch (thrown) {
      await this.#kill(run);
      throw thrown;
    }
    this.#options.said({ event: 'ready', part: this.name, seconds: secondsSince(run.startedAt) });
    this.#keeping = this.#keep(run);
  }

  /** SIGKILL, and waits until it is gone. It will be started again. */
  async kill(): Promise<void> {
    if (this.#run !== null) await this.#kill(this.#run);
  }

  /** Asks it to drain, and waits; past its deadline it is killed. Answers its exit code; null: killed. */
  async stop(): Promise<number | null> {
    const startedAt = performance.now();
    this.#stopping.abort();
    const run = this.#run;
    const end = run === null ? null : await this.#drain(run);
    await this.#keeping;
    this.#keeping = null;
    this.#facts = null;
    if (end === null) return null;
    this.#options.said({ event: 'ended', part: this.name, how: end.how, seconds: secondsSince(startedAt) });
    return end.code;
  }

  async #keep(first: Run): Promise<void> {
    const { signal } = this.#stopping;
    for (let run = first; ; run = this.#launch()) {
      const end = await this.#liveOn(run);
      if (signal.aborted) return;
      const againInMs = Math.round(this.#backoff.afterFailure(this.#clock.nowMs()));
      this.#options.said({ event: 'died', part: this.name, how: end.how, reason: this.#reason(run, end), againInMs });
      await this.#clock.sleep(againInMs, signal);
      if (signal.aborted) return;
      this.#restarts += 1;
    }
  }

  /** Until it ends. One that was started again says when it is ready. */
  async #liveOn(run: Run): Promise<End> {
    if (this.#facts === null) {
      const back = (): void => this.#options.said({ event: 'back', part: this.name, seconds: secondsSince(run.startedAt) });
      await this.#becomeReady(run).then(back, () => this.#kill(run));
    }
    const end = await run.ended;
    this.#facts = null;
    this.#options.changed();
    return end;
  }

  #launch(): Run {
    const { entry, env, folder, logFile, name } = this.#options;
    for (const needed of [folder, dirname(logFile)]) mkdirSync(needed, { recursive: true });
    const logFrom = sizeOf(logFile);
    const log = openSync(logFile, 'a');
    const args = ['--disable-warning=ExperimentalWarning', entry];
    // A session of its own: Ctrl-C in the terminal reaches the platform alone, which then ends everything in order.
    const child = spawn(process.execPath, args, { cwd: folder, detached: true, env, stdio: ['ignore', log, log] });
    closeSync(log);
    if (child.pid === undefined) throw notReady(`${name} could not be started: ${process.execPath} is no program`);
    const identity = identityOf(child.pid);
    recordProcess(folder, identity);
    const run = { child, identity, logFrom, startedAt: performance.now(), ended: endOf(child) };
    this.#run = run;
    void run.ended.then(() => {
      if (this.#run === run) this.#run = null;
      forgetProcess(folder);
    });
    this.#options.changed();
    return run;
  }

  async #becomeReady(run: Run): Promise<void> {
    const { logFile, startMs, name } = this.#options;
    let end: End | null = null;
    void run.ended.then((ended) => {
      end = ended;
    });
    while (secondsSince(run.startedAt) * 1_000 < startMs) {
      const facts = findEvent(logFile, run.logFrom, 'service.ready');
      if (facts !== null) {
        this.#facts = facts;
        return this.#options.changed();
      }
      if (end !== null) throw notReady(`${name} ${(end as End).how} before it was ready: ${this.#reason(run, end)}`);
      await this.#clock.sleep(readyPollMs);
    }
    const words = lastWords(logFile, run.logFrom);
    throw notReady(`${name} is not ready after ${startMs / 1_000} s${words === '' ? '' : `: ${words}`}; see ${logFile}`);
  }

  async #drain(run: Run): Promise<End> {
    const late = new AbortController();
    run.child.kill('SIGTERM');
    const deadline = this.#clock.sleep(this.#options.drainMs, late.signal).then(() => null);
    const end = await Promise.race([run.ended, deadline]);
    late.abort();
    return end ?? this.#kill(run);
  }

  async #kill(run: Run): Promise<End> {
    await killFamily(run.identity);
    return run.ended;
  }

  /** A signal explains itself. */
  #reason(run: Run, { code }: End): string {
    return code === null ? '' : lastWords(this.#options.logFile, run.logFrom);
  }
}

function endOf(child: ChildProcess): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>();
  child.once('error', (thrown) => resolve({ code: 1, how: `could not be started (${thrown.message})` }));
  child.once('exit', (code, signal) =>
    resolve({ code, how: signal === null ? `ended with code ${code}` : `was ended by ${signal}` }),
  );
  return promise;
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1_000;
}
