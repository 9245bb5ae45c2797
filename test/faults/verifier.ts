import { setTimeout as pause } from 'node:timers/promises';
import type { Draw } from '../support/seeded-random.ts';
import { VERIFY_KEY } from '../support/operations.ts';
import { askNode } from './ask-node.ts';
import type { Entry } from './history.ts';
import type { FaultyNode } from './nodes.ts';
import type { KnownSecret } from './writer.ts';

/** Between two questions of a verifier. */
const PACE_MS = 10;

export interface VerifierOptions {
  readonly nodes: readonly FaultyNode[];
  readonly credential: string;
  readonly draw: Draw;
  readonly entries: Entry[];
  readonly secrets: readonly KnownSecret[];
}

/** Asks one of the nodes whether a secret is good: often one of the newest, else any that there ever was. */
export function createVerifier({ nodes, credential, draw, entries, secrets }: VerifierOptions): () => Promise<void> {
  return async () => {
    await pause(PACE_MS);
    if (secrets.length === 0) return;
    const { keyId, generation, text } = draw.pick(draw.isChance(0.5) ? secrets.slice(-10) : secrets);
    const node = draw.pick(nodes);
    const askedAt = Date.now();
    const response = await askNode(node, VERIFY_KEY, { secret: text }, credential);
    const answer = 'value' in response ? (response.value.outcome as string) : response.code;
    const answeredAt = Date.now();
    entries.push({ kind: 'VERIFIED', node: node.number, keyId, generation, askedAt, answeredAt, answer });
  };
}
