import type { Evaluated } from './evaluated-key.ts';
import { isNewKey, type EvaluationInput } from './evaluation-input.ts';
import type { PolicyFacts } from './realm-policies.ts';

/** What an evaluation depends on. */
interface Basis {
  /** The realms with their bindings, and the owners, as they were read. */
  readonly facts: Pick<PolicyFacts, 'text'>;
  readonly inputs: readonly EvaluationInput[];
  readonly now: Date;
}

/**
 * The evaluations of a change of new keys: its transaction gets the results of its rehearsal if everything that they depend on is
 * the same. Keys that exist have use, which may have changed in between: they are evaluated again.
 */
export class EvaluationMemory {
  readonly #entries: { readonly basis: Basis; readonly result: Evaluated }[] = [];

  /** Returns the result of an earlier evaluation of the same; null: there is none. */
  find(basis: Basis): Evaluated | null {
    return this.#entries.find((entry) => isSameBasis(entry.basis, basis))?.result ?? null;
  }

  add(basis: Basis, result: Evaluated): void {
    if (basis.inputs.every(isNewKey)) this.#entries.push({ basis, result });
  }
}

function isSameBasis(one: Basis, other: Basis): boolean {
  return (
    one.now.getTime() === other.now.getTime() &&
    one.facts.text === other.facts.text &&
    one.inputs.length === other.inputs.length &&
    one.inputs.every((input, index) => isSameInput(input, other.inputs[index] as EvaluationInput))
  );
}

function isSameInput(one: EvaluationInput, other: EvaluationInput): boolean {
  return (
    one.known === other.known &&
    one.ownerId === other.ownerId &&
    one.realmId === other.realmId &&
    one.ownerFacts === other.ownerFacts &&
    one.isImported === other.isImported &&
    one.request?.kind === other.request?.kind &&
    one.request?.expiresAt === other.request?.expiresAt &&
    one.previous.length + other.previous.length === 0 &&
    isSamePromise(one.promise, other.promise)
  );
}

function isSamePromise(one: EvaluationInput['promise'], other: EvaluationInput['promise']): boolean {
  if (one === 'NEW' || other === 'NEW') return one === other;
  return (
    one.stopsAt?.getTime() === other.stopsAt?.getTime() &&
    one.basis === other.basis &&
    one.isHeld === other.isHeld &&
    one.postponedMs === other.postponedMs &&
    one.bindsAt?.getTime() === other.bindsAt?.getTime()
  );
}
