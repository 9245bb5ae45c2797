import type { Caller } from '../domain/caller.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import { POLICY_LABEL_PREFIX } from '../domain/selector.ts';
import { labelNameProblem, labelValueProblem } from '../domain/text.ts';

export interface LabelInput {
  readonly name: string;
  readonly value: string;
}

export const MAX_LABELS = 50;

/**
 * Checks the labels that a key is to have; `present` are those that it has.
 *
 * @throws BAD_USER_INPUT for too many, malformed or repeated labels.
 * @throws FORBIDDEN if a caller other than an administrator would change labels under `policy/`.
 */
export function checkLabels(caller: Caller, labels: readonly LabelInput[], present: readonly LabelInput[]): void {
  const path = ['input', 'labels'];
  if (labels.length > MAX_LABELS)
    throw badUserInput(`labels: found ${labels.length}; a key has at most ${MAX_LABELS}.`, path);
  const names = new Set<string>();
  for (const { name, value } of labels) {
    const problem = labelNameProblem(name) ?? labelValueProblem(value);
    if (problem !== null) throw badUserInput(`labels: ${problem}`, path);
    if (names.has(name)) throw badUserInput(`labels: found ${name} twice; expected each name once.`, path);
    names.add(name);
  }
  if (may(caller, 'key.writePolicyLabels', {})) return;
  if (policyLabels(labels) !== policyLabels(present)) {
    throw forbidden(`Only administrators may write labels under ${POLICY_LABEL_PREFIX}.`);
  }
}

function policyLabels(labels: readonly LabelInput[]): string {
  const reserved = labels
    .filter(({ name }) => name.startsWith(POLICY_LABEL_PREFIX))
    .map(({ name, value }) => [name, value]);
  return JSON.stringify(reserved.sort());
}
