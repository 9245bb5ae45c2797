import { expect } from 'vitest';
import type { Event } from '../../prisma/generated/client/client.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { parseSecret } from '../../src/domain/secret.ts';
import { outcomeOf } from '../../src/domain/verification.ts';
import { loadSecrets } from '../../src/keys/table/load-secrets.ts';
import type { KeyRow } from '../../src/keys/key-row.ts';
import type { KeyWorld } from '../support/key-world.ts';
import { executeCommand, authenticateCaller, type CommandResult, type CommandRequest } from './execute-command.ts';
import { expectModelState } from './expect-model-state.ts';
import {
  isIdempotent,
  isPerson,
  upcomingMoments,
  otherInput,
  provedGeneration,
  resolveCommand,
} from './resolve-command.ts';
import type { Step } from './history.ts';
import { applyCommand, type Command } from './model-commands.ts';
import { reviewModel, type ModelKey } from './model.ts';

/** The observable state of the key after a step. */
export interface Observation {
  readonly now: number;
  readonly step: Step | null;
  /** The result of each request of the step. */
  readonly results: readonly CommandResult[];
  readonly row: KeyRow;
  readonly events: readonly Event[];
  /** The outcome of a verification, by generation of the secret. */
  readonly outcomes: ReadonlyMap<number, string>;
  /** The secrets that callers received, by generation. */
  readonly secrets: ReadonlyMap<number, string>;
}

/** A request under an idempotency key, and its last result. */
interface Original {
  request: CommandRequest;
  result: CommandResult;
  at: number;
}

/** Runs the steps of one key through the real use cases, beside its model. Each step throws if the two differ. */
export class ModelRun {
  readonly #world: KeyWorld;
  readonly #keyId: string;
  readonly #secrets = new Map<number, string>();
  readonly #original: Original[] = [];
  #model: ModelKey;
  #requestCount = 0;

  constructor(world: KeyWorld, keyId: string, secret: string, model: ModelKey) {
    this.#world = world;
    this.#keyId = keyId;
    this.#secrets.set(1, secret);
    this.#model = model;
  }

  get #now(): number {
    return this.#world.clock.now().getTime();
  }

  async run(step: Step): Promise<CommandResult[]> {
    switch (step.kind) {
      case 'pass':
        return this.#pass(step.ms, step.isWatched);
      case 'passTo': {
        const moments = upcomingMoments(this.#model, this.#now);
        const to = (moments[step.which % moments.length] ?? this.#now) + step.offsetMs;
        return this.#pass(Math.max(0, to - this.#now), step.isWatched);
      }
      case 'command':
        return this.#command(resolveCommand(step.command, this.#model, this.#now), step.isRepeatable);
      case 'twins':
        return this.#twins(resolveCommand(step.command, this.#model, this.#now));
      case 'both':
        return this.#both(
          resolveCommand(step.first, this.#model, this.#now),
          resolveCommand(step.second, this.#model, this.#now),
        );
      case 'repeat':
        return this.#repeat(step.which, step.isOther);
    }
  }

  async observe(step: Step | null, results: readonly CommandResult[]): Promise<Observation> {
    const row = await this.#world.key(this.#keyId);
    const events = await this.#world.events(this.#keyId);
    const outcomes = new Map<number, string>();
    for (const [generation, text] of this.#secrets) {
      const [found] = await loadSecrets(this.#world, [Buffer.from(parseSecret(text)!.digest()).toString('hex')]);
      outcomes.set(generation, outcomeOf(found!, null, this.#world.clock.now()));
    }
    expectModelState(this.#model, { row, events, outcomes, now: this.#now, ownerId: this.#world.owner.id });
    return { now: this.#now, step, results, row, events, outcomes, secrets: this.#secrets };
  }

  async #pass(ms: number, isWatched: boolean): Promise<CommandResult[]> {
    this.#world.clock.advance(ms);
    await this.#world.uses.flush();
    if (!isWatched) return [];
    await this.#world.reviewer.reviewDue();
    reviewModel(this.#model, this.#now);
    return [];
  }

  async #command(command: Command, isRepeatable: boolean): Promise<CommandResult[]> {
    const idempotencyKey = isRepeatable && isIdempotent(command) ? this.#newIdempotencyKey() : null;
    const request = await this.#authenticate(command, idempotencyKey);
    const expected = applyCommand(this.#model, command, this.#now);
    const result = 'refused' in request ? { outcome: request.refused } : await this.#execute(request);
    expect(result.outcome).toBe(expected);
    if ('caller' in request && idempotencyKey !== null) this.#original.push({ request, result, at: this.#now });
    return [result];
  }

  /** Sends the same request twice at the same time: one change, and one result. */
  async #twins(command: Command): Promise<CommandResult[]> {
    if (!isIdempotent(command)) return this.#command(command, false);
    const request = await this.#authenticate(command, this.#newIdempotencyKey());
    const expected = applyCommand(this.#model, command, this.#now);
    if ('refused' in request) {
      expect(request.refused).toBe(expected);
      return [];
    }
    const results = await Promise.all([this.#execute(request), this.#execute(request)]);
    expect(results.map(({ outcome }) => outcome)).toEqual([expected, expected]);
    expect(results[1]).toEqual(results[0]);
    this.#original.push({ request, result: results[0], at: this.#now });
    return results;
  }

  /** Sends two requests at the same time. The results must be those of one of the two orders. */
  async #both(first: Command, second: Command): Promise<CommandResult[]> {
    const commands = [first, second];
    const requests = await Promise.all(commands.map((command) => this.#authenticate(command, null)));
    const proved = commands.map((command) => provedGeneration(this.#model, command, this.#now));
    for (const [index, request] of requests.entries()) {
      if ('refused' in request) expect(applyCommand(this.#model, commands[index]!, this.#now)).toBe(request.refused);
    }
    const results = await Promise.all(
      requests.map((request) => ('refused' in request ? { outcome: request.refused } : this.#execute(request))),
    );
    await this.#world.uses.flush();
    const seen = { ...(await this.#readState()), now: this.#now, ownerId: this.#world.owner.id };
    const problems: unknown[] = [];
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const model = structuredClone(this.#model);
      try {
        for (const index of order) {
          const request = requests[index]!;
          if ('refused' in request) continue;
          const expected = applyCommand(model, commands[index]!, this.#now, proved[index]);
          expect(results[index]!.outcome).toBe(expected);
        }
        expectModelState(model, { ...seen, outcomes: new Map() });
        this.#model = model;
        return results;
      } catch (problem) {
        problems.push(problem);
      }
    }
    throw new AggregateError(problems, `results of neither order: ${problems.map(String).join('\n—\n')}`);
  }

  /** Repeats a request under its idempotency key, unchanged or with another input. */
  async #repeat(which: number, isOther: boolean): Promise<CommandResult[]> {
    const original = this.#original[which % Math.max(1, this.#original.length)];
    // Results are retained for 30 days; later the request would be a new one.
    if (original === undefined || this.#now - original.at >= 30 * DAY_MS) return [];
    const { command } = original.request;
    const who = 'who' in command ? command.who : 'admin';
    const by = isPerson(who) ? who : 'newest';
    const proved = await authenticateCaller(this.#world, this.#secrets, this.#model, by, this.#now);
    if ('refused' in proved) return [];
    const request = { ...original.request, ...proved };
    // Only a success is retained: after a refusal or an error the request is evaluated again, also with another input.
    if (original.result.outcome !== 'OK') {
      const again = (isOther ? otherInput(command) : null) ?? command;
      return this.#evaluateAgain(original, request, 'who' in again ? { ...again, who: by } : again);
    }
    const isInvisible = who === 'owner' && !this.#model.isOwners;
    if (isOther) {
      const other = otherInput(command);
      if (other === null) return [];
      const result = await this.#execute({ ...request, command: other });
      expect(result.outcome).toBe('IdempotencyConflict');
      return [result];
    }
    const result = await this.#execute(request);
    expect(result.outcome).toBe(isInvisible ? 'KeyNotFound' : original.result.outcome);
    // A repetition is authorized again, which locks the key and records what time alone has caused.
    if (!isInvisible && who !== 'stranger')
      applyCommand(this.#model, { do: 'narrow', who: 'admin', level: -1 }, this.#now);
    if (original.result.secretId !== undefined && !isInvisible) {
      const made = (await this.#readState()).row.secrets.find(({ id }) => id === original.result.secretId)!;
      const isShown = made.firstUsedAt === null && this.#now - original.at < DAY_MS;
      expect(result.text).toBe(isShown ? this.#secrets.get(made.generation) : null);
    }
    return [result];
  }

  async #evaluateAgain(original: Original, before: CommandRequest, command: Command): Promise<CommandResult[]> {
    const request = { ...before, command };
    const expected = applyCommand(this.#model, command, this.#now);
    const result = await this.#execute(request);
    expect(result.outcome).toBe(expected);
    Object.assign(original, { request, result, at: this.#now });
    return [result];
  }

  async #authenticate(command: Command, idempotencyKey: string | null): Promise<CommandRequest | { refused: string }> {
    const who = 'who' in command ? command.who : 'admin';
    const proved = await authenticateCaller(this.#world, this.#secrets, this.#model, who, this.#now);
    // The reuse of a retired secret is written with the next batch of use: here at once.
    await this.#world.uses.flush();
    return 'refused' in proved ? proved : { ...proved, command, idempotencyKey, keyId: this.#keyId };
  }

  async #execute(request: CommandRequest): Promise<CommandResult> {
    const result = await executeCommand(this.#world, this.#secrets, request);
    if (result.text) {
      const { secrets } = await this.#world.key(this.#keyId);
      this.#secrets.set(secrets.find(({ id }) => id === result.secretId)!.generation, result.text);
    }
    return result;
  }

  #newIdempotencyKey(): string {
    this.#requestCount += 1;
    return `${this.#keyId} ${this.#requestCount}`;
  }

  async #readState() {
    return { row: await this.#world.key(this.#keyId), events: await this.#world.events(this.#keyId) };
  }
}
