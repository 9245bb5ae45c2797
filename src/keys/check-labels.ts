import type { Caller } from '../domain/caller.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import { labelNameProblem, labelValueProblem } from '../domain/text.ts';

export interface LabelInput {
  readonly name: string;
  readonly value: string;
}

/** The most labels that a key may have. */
export const MAX_LABELS = 50;

/** Labels by which policies choose keys: only administrators write them. */
const POLICY_PREFIX = 'policy/';

/** Throws for labels that are malformed, named twice, or not the caller's to write. */
export function checkLabels(caller: Caller, labels: readonly LabelInput[], present: readonly LabelInput[]): void {
  const path = ['input', 'labels'];
  if (labels.length > MAX_LABELS)
    throw badUserInput(`labels: found ${labels.length}; a key has at most ${MAX_LABELS}.`, path);
  const names = new Set<string>();
  for (const { name, value } of labels) {
    const problem = labelNameProblem(name) ?? labelValueProblem(value);
    if (problem !== null) throw badUserInput(`labels: ${problem}`, path);
    if (names.has(name)) throw badUserInput(`labels: found ${name} twice; a key has one value of a name.`, path);
    names.add(name);
  }
  if (may(caller, 'key.writePolicyLabels', {})) return;
  if (policyLabels(labels) !== policyLabels(present)) {
    throw forbidden(`Labels under ${POLICY_PREFIX} are written by administrators alone.`);
  }
}

function policyLabels(labels: readonly LabelInput[]): string {
  const ours = labels.filter(({ name }) => name.startsWith(POLICY_PREFIX)).map(({ name, value }) => [name, value]);
  return JSON.stringify(ours.sort());
}
