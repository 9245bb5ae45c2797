import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { AccountCaller } from '../../src/domain/caller.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { hasCome } from '../../src/domain/key.ts';
import type { Purpose } from '../../src/domain/verification.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { issueKey, type IssueKeyInput } from '../../src/keys/issue.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { resumeKey } from '../../src/keys/resume.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { undoRotation } from '../../src/keys/undo-rotation.ts';
import { updateKey } from '../../src/keys/update.ts';
import { loadSecrets } from '../../src/keys/table/load-secrets.ts';
import { updateRealm } from '../../src/realms/update-realm.ts';
import type { LocalClocks } from '../../src/verifier/gateway-clock.ts';
import type { StoredSecret } from '../../src/verifier/stored-secret.ts';
import { openVerifier, type Verifier, type VerifierAnswer } from '../../src/verifier/verifier.ts';
import { outcomeBy } from '../keys/table/two-nodes.ts';
import type { Gateway } from '../support/gateway.ts';
import { textOf } from '../support/key-world.ts';
import { waitFor } from '../support/wait-for.ts';
import { FollowRelay, type RelayFault } from './follow-relay.ts';

/** How old the knowledge of a verifier may be when it answers by itself. */
const MAX_AGE_MS = 5_000;

/** By how much the clock of a verifier may be behind that of the gateway, whose heads were late. */
const CLOCK_LAG_MS = 50;

/** What passes while the verifier cannot hear the gateway: a connection that is silent for longer is dead. */
const SILENCE_MAX_MS = 5_001;

const PUSH = 'package:push';

/** A fault that is planted between a verifier and what it knows. */
export interface FollowBug {
  readonly name: string;
  readonly createFault?: () => RelayFault;
  readonly clocks?: (real: LocalClocks) => LocalClocks;
  /** The age up to which the verifier answers by itself, in place of the one that it should. */
  readonly maxAgeMs?: number;
}

const gateway = fc.constantFrom(0 as const, 1 as const);
const which = fc.nat(7);
const mutations = [
  ...(['hold', 'resume', 'revoke', 'rotate', 'rotateAtOnce', 'undo', 'confirm', 'renew', 'transfer'] as const),
  ...(['narrow', 'shorten', 'restrict', 'label', 'review'] as const),
];

/** Something that happens at a gateway, to one of the keys that there are by then, or on the way to the verifier. */
export const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('issue' as const, 'foldCase' as const), gateway, which }),
    },
    { weight: 10, arbitrary: fc.record({ do: fc.constantFrom(...mutations), gateway, which }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('hear' as const), gateway, which }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('cut' as const, 'stall' as const, 'mend' as const, 'mend' as const, 'switch' as const),
        gateway,
        which,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('pass' as const),
        gateway,
        which: fc.constantFrom(1, 500, 1_999, 2_001, 4_999, 5_001, HOUR_MS, 2 * DAY_MS),
      }),
    },
  ),
  { minLength: 5, maxLength: 20 },
);

export type FollowStep =
  typeof steps extends fc.Arbitrary<infer Steps> ? (Steps extends (infer Step)[] ? Step : never) : never;

/** Two gateways on one database, and people. */
export interface FollowWorld {
  readonly gateways: readonly [Gateway, Gateway];
  readonly admin: AccountCaller;
  readonly heir: AccountCaller;
}

/** What was true of a secret from a moment on. */
interface Truth {
  readonly from: number;
  readonly facts: StoredSecret | null;
}

/** One history at two gateways, beside what a verifier says that follows them through a relay. */
export class FollowHistory {
  readonly #world: FollowWorld;
  readonly #keys: string[] = [];
  /** By the text of the secret. */
  readonly #truths = new Map<string, Truth[]>();
  readonly #bug: FollowBug | null;
  #foldsCase = false;
  /** The secret of a key that nothing happens to. */
  #quiet = '';
  #relay!: FollowRelay;
  #verifier!: Verifier;

  constructor(world: FollowWorld, bug: FollowBug | null = null) {
    this.#world = world;
    this.#bug = bug;
  }

  async run(all: readonly FollowStep[]): Promise<void> {
    await this.#open();
    try {
      for (const step of all) {
        await this.#take(step);
        for (const secret of [...this.#truths.keys()].slice(-4)) await this.#ask(secret);
      }
      this.#relay.mend();
      await this.#hear();
      for (const secret of this.#truths.keys()) await this.#ask(secret);
    } finally {
      await this.#verifier.close();
      await this.#relay.close();
    }
  }

  async #open(): Promise<void> {
    const { gateways, admin } = this.#world;
    await updateRealm(gateways[0].services, admin, { realm: 'default', foldsCase: false } as never);
    const scopes = ['keytide:follow', 'keytide:verify'].map((action) => ({ action, resource: '**' }));
    const own = await this.#issue(0, scopes, null);
    this.#quiet = (await this.#issue(0, undefined, null)).secret;
    // In the snapshot; the others come by the log.
    await this.#add(0);
    const urls = gateways.map(({ url }) => url);
    this.#relay = await FollowRelay.start(urls, this.#bug?.createFault?.() ?? {});
    const clocks = { monotonicMs: () => this.#now(), wallMs: () => this.#now() };
    this.#verifier = openVerifier({
      url: this.#relay.url,
      credential: () => own.secret,
      maxAgeMs: this.#bug?.maxAgeMs ?? MAX_AGE_MS,
      clocks: this.#bug?.clocks?.(clocks) ?? clocks,
      askLimitMs: 10_000,
    });
    await this.#verifier.ready;
    await this.#hear();
  }

  async #take(step: FollowStep): Promise<void> {
    switch (step.do) {
      case 'cut':
        return this.#relay.cut();
      case 'stall':
        return this.#relay.stall();
      case 'mend':
        return this.#relay.mend();
      case 'switch':
        return this.#relay.switchGateway();
      case 'hear':
        return this.#hear();
      case 'pass':
        return this.#pass(step.which);
      case 'issue':
        return this.#add(step.gateway);
      default:
        // Each change has a moment of its own, so that the age of an answer tells whether it counts.
        this.#advance(1);
        await this.#change(step);
        await this.#learn();
        this.#advance(1);
    }
  }

  async #pass(ms: number): Promise<void> {
    const isDeaf = this.#relay.isCut || this.#relay.isStalled;
    this.#advance(isDeaf ? Math.min(ms, SILENCE_MAX_MS) : ms);
    if (!isDeaf && ms > SILENCE_MAX_MS) await this.#hear();
  }

  /** Waits until the verifier knows all changes before the call, unless nothing reaches it. */
  async #hear(): Promise<void> {
    const untilMs = this.#now();
    await waitFor(async () => {
      this.#advance(SECOND_MS);
      for (const { services } of this.#world.gateways) await services.follower.catchUp();
      if (this.#relay.isCut || this.#relay.isStalled) return;
      await expect.poll(() => this.#heardMs(), { timeout: 200, interval: 2 }).toBeGreaterThanOrEqual(untilMs);
    });
  }

  /** Up to which moment the verifier knows all changes. */
  #heardMs(): number {
    const answer = this.#verifier.verify({ secret: this.#quiet });
    return answer instanceof Promise ? Number.NEGATIVE_INFINITY : (answer.asOf?.getTime() ?? 0);
  }

  async #change(step: FollowStep): Promise<void> {
    const { gateways, admin, heir } = this.#world;
    const { services, node } = gateways[step.gateway];
    const keyId = this.#keys[step.which % this.#keys.length]!;
    switch (step.do) {
      case 'foldCase':
        this.#foldsCase = !this.#foldsCase;
        await updateRealm(services, admin, { realm: 'default', foldsCase: this.#foldsCase } as never);
        return;
      case 'hold':
        await holdKey(services, admin, { keyId, reason: 'test' });
        return;
      case 'resume':
        await resumeKey(services, admin, { keyId });
        return;
      case 'revoke':
        await revokeKey(services, admin, { keyId, reason: 'test' });
        return;
      case 'rotate':
      case 'rotateAtOnce': {
        const gracePeriodMs = step.do === 'rotate' ? HOUR_MS : 0;
        const rotated = await rotateKey(services, admin, { keyId, gracePeriodMs } as never);
        if (!isFailure(rotated)) this.#truths.set(textOf(rotated.delivery), [{ from: this.#now(), facts: null }]);
        return;
      }
      case 'undo':
        await undoRotation(services, admin, { keyId });
        return;
      case 'confirm':
        await confirmRotation(services, admin, { keyId });
        return;
      case 'renew':
        await renewKey(services, admin, { keyId, ask: { lifetimeMs: 60 * DAY_MS }, accept: ['EXTEND'] } as never);
        return;
      case 'transfer':
        await transferKey(services, admin, { keyId, owner: heir.id });
        return;
      case 'narrow':
        await updateKey(services, admin, { keyId, scopes: [{ action: PUSH, resource: 'Acme.Core' }] } as never);
        return;
      case 'restrict':
        await updateKey(services, admin, { keyId, allowedAddresses: ['192.0.2.0/24'] });
        return;
      case 'label':
        await updateKey(services, admin, { keyId, setLabels: [{ name: 'team', value: String(this.#now()) }] } as never);
        return;
      case 'shorten':
        await updateKey(services, admin, { keyId, expiresAt: new Date(this.#now() + 3 * SECOND_MS) } as never);
        return;
      case 'review':
        await node.reviewer.reviewDue();
        return;
      default:
    }
  }

  async #add(index: 0 | 1): Promise<void> {
    const { keyId, secret } = await this.#issue(index);
    this.#keys.push(keyId);
    this.#truths.set(secret, []);
    await this.#learn();
    this.#advance(1);
  }

  async #issue(
    index: 0 | 1,
    scopes = [{ action: PUSH, resource: 'Acme.*' }],
    ask: IssueKeyInput['ask'] = { lifetimeMs: 10 * DAY_MS },
  ): Promise<{ readonly keyId: string; readonly secret: string }> {
    const { gateways, admin } = this.#world;
    const input = { realm: 'default', name: 'k', scopes, labels: [], ask };
    const issued = await issueKey(gateways[index].services, admin, input);
    if (isFailure(issued)) throw new Error(issued.message);
    return { keyId: issued.keyId, secret: textOf(issued.delivery) };
  }

  /** Reads what is true now. */
  async #learn(): Promise<void> {
    const secrets = [...this.#truths.keys()];
    const stored = await loadSecrets(this.#world.gateways[0], secrets.map(digestOf));
    const byDigest = new Map(stored.map((one) => [Buffer.from(one.digest).toString('hex'), one]));
    for (const [secret, truths] of this.#truths) {
      const facts = byDigest.get(digestOf(secret)) ?? null;
      if (truths.length > 0 && isDeepStrictEqual(truths.at(-1)?.facts, facts)) continue;
      truths.push({ from: this.#now(), facts });
    }
  }

  async #ask(secret: string): Promise<void> {
    for (const purpose of [null, { action: PUSH, resource: 'acme.core' }]) {
      const given = this.#verifier.verify({ secret, ...purpose });
      if (given instanceof Promise) this.#check(secret, purpose, await given, null);
      // Its own time is what its age is counted from.
      else this.#check(secret, purpose, given, (given.asOf?.getTime() ?? 0) + this.#verifier.ageMs());
    }
  }

  /** `ownNowMs`: the verifier's own time, if it has answered by itself. */
  #check(secret: string, purpose: Purpose | null, answer: VerifierAnswer, ownNowMs: number | null): void {
    const { outcome, asOf } = answer;
    const nowMs = this.#now();
    const truths = this.#truths.get(secret)!;
    if (outcome === 'UNAVAILABLE') return expect(this.#relay.isCut, 'the verifier could have known').toBe(true);
    if (ownNowMs !== null) {
      expect(nowMs - ownNowMs, 'the clock of the verifier is late').toBeLessThanOrEqual(CLOCK_LAG_MS);
      expect(nowMs - (asOf?.getTime() ?? 0), 'the answer is too old').toBeLessThanOrEqual(MAX_AGE_MS + CLOCK_LAG_MS);
      expect(['VALID', 'KEY_REVOKED'], 'refuses by itself').toContain(outcome);
    }
    const now = new Date(ownNowMs ?? nowMs);
    if (outcome !== 'VALID') return expect(outcome, 'refuses').toBe(outcomeBy(truths.at(-1)!.facts, purpose, now));
    // What was true at the answer's age or since.
    const since = asOf?.getTime() ?? nowMs;
    const possible = truths.filter((_, at) => (truths[at + 1]?.from ?? Number.POSITIVE_INFINITY) >= since);
    const said = possible.map(({ facts }) => saidBy(facts, purpose, now));
    const { key, renewalDue } = answer;
    expect(said, 'accepts').toContainEqual({
      outcome,
      ownerId: key?.ownerId,
      labels: key?.labels,
      scopes: key?.scopes,
      renewalDue,
    });
  }

  #advance(ms: number): void {
    this.#world.gateways[0].clock.advance(ms);
  }

  #now(): number {
    return this.#world.gateways[0].clock.now().getTime();
  }
}

/** What an answer says if the facts are true. */
function saidBy(facts: StoredSecret | null, purpose: Purpose | null, now: Date): object {
  return {
    outcome: outcomeBy(facts, purpose, now),
    ownerId: facts?.ownerId,
    labels: facts?.labels,
    scopes: facts?.scopes,
    renewalDue: hasCome(facts?.renewalDueAt ?? null, now),
  };
}

function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}
