import { expect } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { parseSecret } from '../../src/domain/secret.ts';
import { outcomeOf } from '../../src/domain/verification.ts';
import { findBySecret } from '../../src/keys/find-by-secret.ts';
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
import type { Observation } from './check-law.ts';

/** One key, driven through the real use cases beside its model. Each step throws where the two differ. */
export class ModelRun {
  readonly #world: KeyWorld;
  readonly #keyId: string;
  readonly #secrets = new Map<number, string>();
  readonly #asked: { request: CommandRequest; answer: CommandResult; at: number }[] = [];
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

  async take(step: Step): Promise<CommandResult[]> {
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

  async observe(step: Step | null, answers: readonly CommandResult[]): Promise<Observation> {
    const row = await this.#world.key(this.#keyId);
    const events = await this.#world.events(this.#keyId);
    const outcomes = new Map<number, string>();
    for (const [generation, text] of this.#secrets) {
      const found = await findBySecret(this.#world, parseSecret(text)!);
      outcomes.set(generation, outcomeOf(found!, null, this.#world.clock.now()));
    }
    expectModelState(this.#model, { row, events, outcomes, now: this.#now, ownerId: this.#world.owner.id });
    return { now: this.#now, step, answers, row, events, outcomes, secrets: this.#secrets };
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
    const request = await this.#prove(command, idempotencyKey);
    const expected = applyCommand(this.#model, command, this.#now);
    const answer = 'refused' in request ? { outcome: request.refused } : await this.#carryOut(request);
    expect(answer.outcome).toBe(expected);
    if ('caller' in request && idempotencyKey !== null && !answer.isError) {
      this.#asked.push({ request, answer, at: this.#now });
    }
    return [answer];
  }

  /** The same request twice at the same time: one change, and one answer. */
  async #twins(command: Command): Promise<CommandResult[]> {
    if (!isIdempotent(command)) return this.#command(command, false);
    const request = await this.#prove(command, this.#newIdempotencyKey());
    const expected = applyCommand(this.#model, command, this.#now);
    if ('refused' in request) {
      expect(request.refused).toBe(expected);
      return [];
    }
    const answers = await Promise.all([this.#carryOut(request), this.#carryOut(request)]);
    expect(answers.map(({ outcome }) => outcome)).toEqual([expected, expected]);
    expect(answers[1]).toEqual(answers[0]);
    this.#asked.push({ request, answer: answers[0], at: this.#now });
    return answers;
  }

  /** Two requests at the same time: as if the one had come first, or the other. */
  async #both(first: Command, second: Command): Promise<CommandResult[]> {
    const commands = [first, second];
    const requests = await Promise.all(commands.map((command) => this.#prove(command, null)));
    const proved = commands.map((command) => provedGeneration(this.#model, command, this.#now));
    for (const [index, request] of requests.entries()) {
      if ('refused' in request) expect(applyCommand(this.#model, commands[index]!, this.#now)).toBe(request.refused);
    }
    const answers = await Promise.all(
      requests.map((request) => ('refused' in request ? { outcome: request.refused } : this.#carryOut(request))),
    );
    await this.#world.uses.flush();
    const seen = { ...(await this.#look()), now: this.#now, ownerId: this.#world.owner.id };
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
          expect(answers[index]!.outcome).toBe(expected);
        }
        expectModelState(model, { ...seen, outcomes: new Map() });
        this.#model = model;
        return answers;
      } catch (problem) {
        problems.push(problem);
      }
    }
    throw new AggregateError(problems, `In neither order: ${problems.map(String).join('\n—\n')}`);
  }

  /** A request again under its idempotency key, as it was or with another input. */
  async #repeat(which: number, isOther: boolean): Promise<CommandResult[]> {
    const asked = this.#asked[which % Math.max(1, this.#asked.length)];
    // An answer is kept for 30 days; later it would be a new request.
    if (asked === undefined || this.#now - asked.at >= 30 * DAY_MS) return [];
    const { command } = asked.request;
    const who = 'who' in command ? command.who : 'admin';
    const by = isPerson(who) ? who : 'newest';
    const proved = await authenticateCaller(this.#world, this.#secrets, this.#model, by, this.#now);
    if ('refused' in proved) return [];
    const request = { ...asked.request, ...proved };
    const mayNotSee = who === 'owner' && !this.#model.isOwners;
    if (isOther) {
      const other = otherInput(command);
      if (other === null) return [];
      const answer = await this.#carryOut({ ...request, command: other });
      expect(answer.outcome).toBe('IdempotencyConflict');
      return [answer];
    }
    const answer = await this.#carryOut(request);
    expect(answer.outcome).toBe(mayNotSee ? 'KeyNotFound' : asked.answer.outcome);
    // Who repeats a request is looked at again, and with it the key: what is due by time alone is recorded.
    if (!mayNotSee && who !== 'stranger')
      applyCommand(this.#model, { do: 'narrow', who: 'admin', level: -1 }, this.#now);
    if (asked.answer.secretId !== undefined && !mayNotSee) {
      const made = (await this.#look()).row.secrets.find(({ id }) => id === asked.answer.secretId)!;
      const isShown = made.firstUsedAt === null && this.#now - asked.at < DAY_MS;
      expect(answer.text).toBe(isShown ? this.#secrets.get(made.generation) : null);
    }
    return [answer];
  }

  async #prove(command: Command, idempotencyKey: string | null): Promise<CommandRequest | { refused: string }> {
    const who = 'who' in command ? command.who : 'admin';
    const proved = await authenticateCaller(this.#world, this.#secrets, this.#model, who, this.#now);
    // That a retired secret turned up is written with the next batch of use: here at once.
    await this.#world.uses.flush();
    return 'refused' in proved ? proved : { ...proved, command, idempotencyKey, keyId: this.#keyId };
  }

  async #carryOut(request: CommandRequest): Promise<CommandResult> {
    const answer = await executeCommand(this.#world, this.#secrets, request);
    if (answer.text) {
      const { secrets } = await this.#world.key(this.#keyId);
      this.#secrets.set(secrets.find(({ id }) => id === answer.secretId)!.generation, answer.text);
    }
    return answer;
  }

  #newIdempotencyKey(): string {
    this.#requestCount += 1;
    return `${this.#keyId} ${this.#requestCount}`;
  }

  async #look() {
    return { row: await this.#world.key(this.#keyId), events: await this.#world.events(this.#keyId) };
  }
}
