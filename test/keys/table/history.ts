import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../src/domain/duration.ts';
import { isFailure } from '../../../src/domain/failure.ts';
import { newSecret } from '../../../src/domain/secret.ts';
import type { Outcome, Purpose } from '../../../src/domain/verification.ts';
import { confirmRotation } from '../../../src/keys/confirm-rotation.ts';
import { holdKey } from '../../../src/keys/hold.ts';
import { issueKey } from '../../../src/keys/issue.ts';
import { renewKey } from '../../../src/keys/renew.ts';
import { resumeKey } from '../../../src/keys/resume.ts';
import { revokeKey } from '../../../src/keys/revoke.ts';
import { ReviewLoop } from '../../../src/keys/review-loop.ts';
import { rotateKey } from '../../../src/keys/rotate.ts';
import { transferKey } from '../../../src/keys/transfer.ts';
import { undoRotation } from '../../../src/keys/undo-rotation.ts';
import { updateKey } from '../../../src/keys/update.ts';
import { verifyKey } from '../../../src/keys/verify.ts';
import { defineAction } from '../../../src/realms/define-action.ts';
import { updateRealm } from '../../../src/realms/update-realm.ts';
import { loadSecrets } from '../../../src/keys/table/load-secrets.ts';
import type { StoredSecret } from '../../../src/verifier/stored-secret.ts';
import { PUSH, textOf } from '../../support/key-world.ts';
import { outcomeBy, readTruth, type TestNode, type TwoNodes } from './two-nodes.ts';

const node = fc.constantFrom(0 as const, 1 as const);
const which = fc.nat(7);

/** Something that happens on a node, to one of the keys or secrets that there are by then. */
export const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('issue' as const, 'foldCase' as const, 'defineAction' as const),
        node,
        which,
      }),
    },
    {
      weight: 9,
      arbitrary: fc.record({
        do: fc.constantFrom(
          ...(['hold', 'resume', 'revoke', 'rotate', 'rotateAtOnce', 'undo', 'confirm', 'renew', 'transfer'] as const),
          ...(['narrow', 'shorten', 'use', 'review'] as const),
        ),
        node,
        which,
      }),
    },
    { weight: 10, arbitrary: fc.record({ do: fc.constant('ask' as const), node, which }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'away' as const, 'mend' as const), node, which }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('catchUp' as const, 'fill' as const), node, which }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('pass' as const),
        node,
        which: fc.constantFrom(1, 500, 1_999, 2_001, 4_999, 5_001, HOUR_MS, 10 * DAY_MS),
      }),
    },
  ),
  { minLength: 6, maxLength: 24 },
);

export type TableStep =
  typeof steps extends fc.Arbitrary<infer Steps> ? (Steps extends (infer Step)[] ? Step : never) : never;

/** What was true of a secret from a moment on, and which node made it so. */
interface Truth {
  readonly from: number;
  readonly facts: StoredSecret | null;
  readonly by: number;
}

let historyCount = 0;

/** One history on two nodes, beside what the database says. */
export class TableHistory {
  readonly #two: TwoNodes;
  readonly #keys: string[] = [];
  /** By the text of the secret. */
  readonly #truths = new Map<string, Truth[]>();
  #foldsCase = false;
  /** An action that the realm does not have at first. */
  #action = '';

  constructor(two: TwoNodes) {
    this.#two = two;
  }

  async run(all: readonly TableStep[]): Promise<void> {
    historyCount += 1;
    this.#action = `history:act-${historyCount}`;
    const never = newSecret(this.#two.world.random).reveal();
    this.#truths.set(never, [{ from: this.#now(), facts: null, by: -1 }]);
    await this.#issue(this.#two.nodes[0], 0);
    for (const step of all) {
      await this.#take(step);
      // Everything that changed is asked for: first where it was changed, which must know it at once.
      if (step.do !== 'ask')
        for (const secret of [...this.#truths.keys()].slice(-3)) await this.#ask(step.node, secret);
    }
    for (const node of this.#two.nodes) {
      await node.endFilling();
      await node.mend();
    }
    for (const secret of this.#truths.keys()) for (const index of [0, 1] as const) await this.#ask(index, secret);
    await this.#expectTablesAreTrue();
  }

  async #take(step: TableStep): Promise<void> {
    const { world, nodes } = this.#two;
    const node = nodes[step.node];
    const secrets = [...this.#truths.keys()];
    switch (step.do) {
      case 'ask':
        return this.#ask(step.node, secrets[step.which % secrets.length]!);
      case 'cut':
        return node.cut(false);
      case 'away':
        return node.cut(true);
      case 'mend':
        return node.mend();
      case 'catchUp':
        return node.catchUp().catch(() => undefined);
      case 'fill':
        // Begins, and the next such step ends it: what happens in between is newer than the snapshot.
        return this.#fill(node);
      case 'pass':
        world.clock.advance(step.which);
        // A node that is not cut off reads the log each second.
        if (step.which >= SECOND_MS) for (const each of nodes) await each.catchUp().catch(() => undefined);
        return;
      case 'issue':
        return this.#issue(node, step.node);
      default:
        // A node without its database changes nothing.
        if (!node.isAway) await this.#change(step, node);
        return this.#learn(step.node);
    }
  }

  async #fill(node: TestNode): Promise<void> {
    if (node.isFilling) return node.endFilling();
    if (!node.isAway) await node.beginFilling();
  }

  async #change(step: TableStep, { core }: TestNode): Promise<void> {
    const { world } = this.#two;
    const keyId = this.#keys[step.which % this.#keys.length]!;
    const owner = world.admin;
    switch (step.do) {
      case 'foldCase':
        this.#foldsCase = !this.#foldsCase;
        await updateRealm(core, owner, { realm: 'default', foldsCase: this.#foldsCase } as never);
        return;
      case 'defineAction':
        await defineAction(core, owner, { realm: 'default', name: this.#action, description: 'test' });
        return;
      case 'hold':
        await holdKey(core, owner, { keyId, reason: 'test' });
        return;
      case 'resume':
        await resumeKey(core, owner, { keyId });
        return;
      case 'revoke':
        await revokeKey(core, owner, { keyId, reason: 'test' });
        return;
      case 'rotate':
      case 'rotateAtOnce': {
        const gracePeriodMs = step.do === 'rotate' ? HOUR_MS : 0;
        const rotated = await rotateKey(core, owner, { keyId, gracePeriodMs } as never);
        if (!isFailure(rotated)) await this.#add(textOf(rotated.delivery), step.node);
        return;
      }
      case 'undo':
        await undoRotation(core, owner, { keyId });
        return;
      case 'confirm':
        await confirmRotation(core, owner, { keyId });
        return;
      case 'renew':
        await renewKey(core, owner, { keyId, ask: { lifetimeMs: 60 * DAY_MS }, accept: ['EXTEND'] } as never);
        return;
      case 'transfer':
        await transferKey(core, owner, { keyId, owner: world.heir.id });
        return;
      case 'narrow':
        await updateKey(core, owner, { keyId, scopes: [{ action: PUSH.action, resource: 'Acme.Core' }] } as never);
        return;
      case 'shorten':
        await updateKey(core, owner, { keyId, expiresAt: new Date(this.#now() + 3 * SECOND_MS) } as never);
        return;
      case 'use': {
        const [secret = ''] = [...this.#truths.keys()].slice(-1);
        const verify = async () => verifyKey(core, owner, { secret, purpose: null, consumer: 'ci' });
        await verify().catch(() => undefined);
        await core.uses.flush();
        return;
      }
      case 'review':
        await new ReviewLoop(core, {
          mayReview: () => true,
          onReviewed: () => undefined,
          onFailure: () => undefined,
        }).reviewDue();
        return;
      default:
    }
  }

  async #issue(node: TestNode, index: 0 | 1): Promise<void> {
    if (node.isAway) return;
    const { world } = this.#two;
    const bytes = world.random(32);
    const secret = newSecret(() => bytes).reveal();
    this.#truths.set(secret, [{ from: this.#now(), facts: null, by: -1 }]);
    // Before it is issued, nobody knows it.
    for (const each of [0, 1] as const) await this.#ask(each, secret);
    const scopes = [{ action: PUSH.action, resource: 'Acme.*' }];
    const input = { realm: 'default', name: 'k', scopes, labels: [], ask: { lifetimeMs: 30 * DAY_MS } };
    const random = (size: number) => (size === bytes.length ? bytes : world.random(size));
    const issued = await issueKey({ ...node.core, random }, world.owner, input);
    if (isFailure(issued)) throw new Error(issued.message);
    expect(textOf(issued.delivery)).toBe(secret);
    this.#keys.push(issued.keyId);
    await this.#learn(index);
  }

  async #add(secret: string, by: number): Promise<void> {
    this.#truths.set(secret, []);
    await this.#learn(by);
  }

  /** Reads what is true now. */
  async #learn(by: number): Promise<void> {
    for (const [secret, truths] of this.#truths) {
      const facts = await readTruth(this.#two.world, digestOf(secret));
      const before = truths.at(-1);
      if (before !== undefined && isDeepStrictEqual(before.facts, facts)) continue;
      truths.push({ from: this.#now(), facts, by });
    }
  }

  async #ask(index: 0 | 1, secret: string): Promise<void> {
    for (const action of [null, PUSH.action, this.#action]) {
      const purpose = action === null ? null : { action, resource: 'acme.core' };
      this.#check(index, secret, purpose, await this.#two.nodes[index].ask(secret, purpose));
    }
  }

  #check(index: 0 | 1, secret: string, purpose: Purpose | null, given: Outcome | 'UNAVAILABLE'): void {
    const node = this.#two.nodes[index];
    const now = new Date(this.#now());
    const truths = this.#truths.get(secret)!;
    // Law 2: only a node without its database cannot know.
    if (given === 'UNAVAILABLE') return expect(node.isAway).toBe(true);
    if (given !== 'VALID') {
      return expect(given, `node ${index} refuses`).toBe(outcomeBy(truths.at(-1)!.facts, purpose, now));
    }
    // What was true so long ago, but nothing from before the node's own last change.
    const own = truths.findLastIndex(({ by }) => by === index);
    const since = now.getTime() - node.boundMs;
    const possible = truths.filter((_, at) => at >= own && (truths[at + 1]?.from ?? Infinity) >= since);
    const outcomes = possible.map(({ facts }) => outcomeBy(facts, purpose, now));
    expect(outcomes, `node ${index} accepts`).toContain('VALID');
  }

  /** With no change under way, and the log read to its end, what is held is what the database says. */
  async #expectTablesAreTrue(): Promise<void> {
    for (const { table } of this.#two.nodes) {
      const held = table.held();
      expect(held.length).toBeGreaterThan(0);
      const digests = held.map(({ digest }) => Buffer.from(digest).toString('hex'));
      const truths = new Map((await loadSecrets(this.#two.world, digests)).map((stored) => [stored.secretId, stored]));
      for (const known of held) {
        const stored = truths.get(known.secretId);
        for (const [name, value] of Object.entries(stored!)) {
          expect((known as unknown as Record<string, unknown>)[name], name).toEqual(value);
        }
      }
    }
  }

  #now(): number {
    return this.#two.world.clock.now().getTime();
  }
}

function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}
