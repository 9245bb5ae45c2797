import type { Logger } from 'pino';
import type { Json } from '../../domain/event.ts';
import type { Cancel, Clock } from '../../store/clock.ts';
import { openCatalogue, type Catalogue, type ModuleVersion, type ModuleProblem } from './catalogue.ts';
import type { EvaluationOptions, EvaluationRequest } from './evaluate-keys.ts';
import type { Evaluation } from './read-replies.ts';
import type { Fault } from './fault.ts';
import type { ModuleSources } from './find-modules.ts';
import { runModules, type Issue, type ModuleRunner } from './run-modules.ts';
import { findUnknownMembers } from './unknown-members.ts';

export type { ModuleVersion, ModuleProblem } from './catalogue.ts';
export type { EvaluationOptions } from './evaluate-keys.ts';
export type { Evaluation, ModuleVerdicts } from './read-replies.ts';
export type { Fault } from './fault.ts';
export type { Issue } from './run-modules.ts';

/** How often the sources are scanned. */
const POLL_MS = 2_000;

/** The largest configuration, in UTF-16 code units of its JSON. */
const CONFIG_MAX = 16_384;

export interface RuntimeOptions {
  /** The sources of modules, in the order in which they may claim a name. */
  readonly sources: ModuleSources;
  /** The folder in which copies of all versions are stored. */
  readonly storeDir: string;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly clock: Clock;
}

/**
 * Finds policy modules on disk, stores each version by the hash of its files, and runs them in separate processes. A file that is
 * added or changed is loaded within seconds. Earlier versions stay runnable, also after a restart.
 */
export class PolicyRuntime {
  readonly #log;
  readonly #clock: Clock;
  readonly #runner: ModuleRunner;
  readonly #catalogue: Catalogue;
  readonly #listeners = new Set<() => void>();
  #cancel: Cancel = () => {};
  #scanning: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor({ sources, storeDir, log, clock }: RuntimeOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#runner = runModules({ modules: storeDir, isOwn: (hash) => this.#catalogue.isOwn(hash) });
    this.#catalogue = openCatalogue({ sources, storeDir, runner: this.#runner, now: () => clock.now().getTime() });
  }

  /** Loads the stored versions and the current ones of the sources. */
  async start(): Promise<void> {
    await this.#catalogue.open();
    await this.refresh();
    this.#scheduleScan();
  }

  /** Gives up pending requests and ends the policy processes. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#runner.stop();
    await this.#scanning;
  }

  /** Returns all versions that this node can run, by name, the current one of each first. */
  versions(): readonly ModuleVersion[] {
    return this.#catalogue.versions();
  }

  /** Returns the sources that cannot be run, and why. */
  problems(): readonly ModuleProblem[] {
    return this.#catalogue.problems();
  }

  find(hash: string): ModuleVersion | undefined {
    return this.#catalogue.find(hash);
  }

  /**
   * Validates a configuration. Returns it as a binding stores it: as written, to be parsed again at each evaluation. BUSY: other
   * modules took the time, and it was not validated.
   */
  async readConfig(
    hash: string,
    config: unknown,
  ): Promise<{ readonly config: Json } | { readonly issues: readonly Issue[] } | { readonly fault: Fault } | 'BUSY'> {
    const version = this.#catalogue.locate(hash);
    if ('fault' in version) return { fault: version.fault };
    const plain = plainJson(config);
    if (plain === undefined) return { issues: [{ path: [], message: 'Expected JSON of at most 16 kB.' }] };
    const read = await this.#runner.readConfig(version, plain);
    if (read === 'BUSY' || 'fault' in read) return read;
    const issues = [...read.issues, ...findUnknownMembers(plain, this.find(hash)?.configSchema ?? null)];
    return issues.length === 0 ? { config: plain } : { issues };
  }

  /** Whether a version has returned verdicts, and has not looped or crashed since. */
  isSteady(hash: string): boolean {
    const version = this.#catalogue.locate(hash);
    return !('fault' in version) && this.#runner.isSteady(version);
  }

  async evaluate({
    hash,
    ...question
  }: EvaluationRequest & EvaluationOptions & { readonly hash: string }): Promise<readonly Evaluation[]> {
    const version = this.#catalogue.locate(hash);
    if ('fault' in version) return question.facts.map(() => ({ fault: version.fault }));
    return question.facts.length === 0 ? [] : this.#runner.evaluate(version, question);
  }

  /** Scans the sources now, after a scan that is running. Resolves when all new versions have been tried. */
  refresh(): Promise<void> {
    this.#scanning = this.#scanning.then(() => this.#scan());
    return this.#scanning;
  }

  /** Calls a listener after each scan that found a change. Returns a function that removes the listener. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #scheduleScan(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#clock.after(POLL_MS, () => void this.refresh().then(() => this.#scheduleScan()));
  }

  async #scan(): Promise<void> {
    if (this.#isStopped) return;
    const known = new Set(this.problems().map(lineOf));
    try {
      const isDifferent = await this.#catalogue.scan();
      if (!isDifferent) return;
      for (const problem of this.problems().filter((problem) => !known.has(lineOf(problem)))) {
        this.#log.warn({ source: problem.source }, `policies: ${problem.message}`);
      }
      for (const listener of this.#listeners) listener();
    } catch (error) {
      // For example a full disk. Loaded versions stay, and the next scan tries again.
      this.#log.error({ err: error }, 'policies: scan of the modules failed');
    }
  }
}

function lineOf({ source, message }: ModuleProblem): string {
  return `${source}: ${message}`;
}

/** Returns a JSON copy; undefined: the value is not JSON, or too large. */
function plainJson(value: unknown): Json | undefined {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined || text.length > CONFIG_MAX ? undefined : (JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}
