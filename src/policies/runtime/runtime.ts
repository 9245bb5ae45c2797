import type { Logger } from 'pino';
import type { Json } from '../../domain/event.ts';
import type { Cancel, Clock } from '../../store/clock.ts';
import { openCatalogue, type Catalogue, type ModuleVersion, type ModuleProblem } from './catalogue.ts';
import type { Evaluation, EvaluationRequest } from './evaluate-keys.ts';
import type { Fault } from './fault.ts';
import type { ModuleSources } from './find-modules.ts';
import { runModules, type Issue, type ModuleRunner } from './run-modules.ts';
import { findUnknownMembers } from './unknown-members.ts';

export type { ModuleVersion, ModuleProblem } from './catalogue.ts';
export type { Evaluation, ModuleVerdicts } from './evaluate-keys.ts';
export type { Fault } from './fault.ts';
export type { Issue } from './run-modules.ts';

/** How often the sources are looked at. */
const POLL_MS = 2_000;

/** Largest configuration, in UTF-16 code units of its JSON. */
const CONFIG_MAX = 16_384;

export interface RuntimeOptions {
  /** Where modules are found, in the order in which they have a claim to a name. */
  readonly sources: ModuleSources;
  /** Where copies of versions are kept. */
  readonly storeDir: string;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly clock: Clock;
}

/**
 * Policy modules: found on disk, told apart by the hashes of their files, kept, and run in a process of their own. A file that
 * is added or changed is taken within seconds; the versions before it stay, and can be run, also after a restart.
 */
export class PolicyRuntime {
  readonly #log;
  readonly #clock: Clock;
  readonly #runner: ModuleRunner;
  readonly #catalogue: Catalogue;
  readonly #listeners = new Set<() => void>();
  #cancel: Cancel = () => {};
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor({ sources, storeDir, log, clock }: RuntimeOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#runner = runModules(storeDir);
    this.#catalogue = openCatalogue({ sources, storeDir, runner: this.#runner, now: () => clock.now().getTime() });
  }

  /** Loads all that is there: what was kept, and what the sources have now. */
  async start(): Promise<void> {
    await this.#catalogue.open();
    await this.refresh();
    this.#lookLater();
  }

  /** Answers what is still asked with a fault, and ends the process. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#runner.stop();
    await this.#looking;
  }

  /** All that this node can run, current ones and older: by name, the current one of each first. */
  versions(): readonly ModuleVersion[] {
    return this.#catalogue.versions();
  }

  /** What lies where modules are looked for and cannot be run. */
  problems(): readonly ModuleProblem[] {
    return this.#catalogue.problems();
  }

  find(hash: string): ModuleVersion | undefined {
    return this.#catalogue.find(hash);
  }

  /** Checks a configuration, and gives it as a binding stores it: as it was written, to be read again each time. */
  async readConfig(
    hash: string,
    config: unknown,
  ): Promise<{ readonly config: Json } | { readonly issues: readonly Issue[] } | { readonly fault: Fault }> {
    const version = this.#catalogue.locate(hash);
    if ('fault' in version) return { fault: version.fault };
    const plain = plainJson(config);
    if (plain === undefined) return { issues: [{ path: [], message: 'JSON of at most 16 kB is expected.' }] };
    const read = await this.#runner.readConfig(version, plain);
    if ('fault' in read) return read;
    const issues = [...read.issues, ...findUnknownMembers(plain, this.find(hash)?.configSchema ?? null)];
    return issues.length === 0 ? { config: plain } : { issues };
  }

  async evaluate({ hash, ...question }: EvaluationRequest & { readonly hash: string }): Promise<readonly Evaluation[]> {
    const version = this.#catalogue.locate(hash);
    if ('fault' in version) return question.facts.map(() => ({ fault: version.fault }));
    return question.facts.length === 0 ? [] : this.#runner.evaluate(version, question);
  }

  /** Looks at the sources now, after a look that is under way. Resolves when everything that is new has been tried. */
  refresh(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  /** Calls a listener after each look that found a difference, until the function that is given back is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #lookLater(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#clock.after(POLL_MS, () => void this.refresh().then(() => this.#lookLater()));
  }

  async #look(): Promise<void> {
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
      // A full disk, say. What was loaded stays, and the next look tries again.
      this.#log.error({ err: error }, 'policies: a look at the modules failed');
    }
  }
}

function lineOf({ source, message }: ModuleProblem): string {
  return `${source}: ${message}`;
}

/** A copy in JSON; undefined: it is none, or too large. */
function plainJson(value: unknown): Json | undefined {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined || text.length > CONFIG_MAX ? undefined : (JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}
