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
 * Checks the labels that a request writes; `present` are the labels that the key has now.
 *
 * @throws BAD_USER_INPUT for too many, malformed or repeated labels.
 * @throws FORBIDDEN if a caller other than an administrator would change labels under `policy/`.
 */
export function checkLabels(
  caller: Caller,
  labels: readonly LabelInput[],
  present: readonly LabelInput[],
  field: 'labels' | 'setLabels' = 'labels',
): void {
  const path = ['input', field];
  if (labels.length > MAX_LABELS)
    throw badUserInput(`${field}: found ${labels.length}; a key has at most ${MAX_LABELS}.`, path);
  const names = new Set<string>();
  for (const { name, value } of labels) {
    const problem = labelNameProblem(name) ?? labelValueProblem(value);
    if (problem !== null) throw badUserInput(`${field}: ${problem}`, path);
    if (names.has(name)) throw badUserInput(`${field}: found ${name} twice; expected each name once.`, path);
    names.add(name);
  }
  const valueOf = new Map(present.map(({ name, value }) => [name, value]));
  const written = labels.find(({ name, value }) => isPolicyLabel(name) && valueOf.get(name) !== value);
  if (written !== undefined) refusePolicyLabel(caller);
}

/** The labels that a request writes: all of them, or some by name. */
export interface LabelChange {
  /** All labels of the key from now on. */
  readonly labels?: readonly LabelInput[] | null;
  /** Labels to add or change. */
  readonly setLabels?: readonly LabelInput[] | null;
  /** Names of labels to remove. */
  readonly removeLabels?: readonly string[] | null;
}

/**
 * Returns the labels of a key after a change; null: the request changes none. A caller writes only the labels that it
 * may write: a whole list from a caller who is not an administrator leaves those under `policy/` as they are.
 *
 * @throws BAD_USER_INPUT for too many, malformed or repeated labels, and for a whole list together with names.
 * @throws FORBIDDEN if a caller other than an administrator would change labels under `policy/`.
 */
export function changeLabels(
  caller: Caller,
  { labels, setLabels, removeLabels }: LabelChange,
  present: readonly LabelInput[],
): readonly LabelInput[] | null {
  if (labels == null && setLabels == null && removeLabels == null) return null;
  if (labels != null) {
    if (setLabels != null || removeLabels != null) {
      throw badUserInput('Found labels together with setLabels or removeLabels; expected either.', ['input', 'labels']);
    }
    checkLabels(caller, labels, present);
    const retained = mayWritePolicyLabels(caller) ? [] : present.filter(({ name }) => isPolicyLabel(name));
    return checkCount([...labels, ...withoutNames(retained, new Set(labels.map(({ name }) => name)))], 'labels');
  }
  const set = setLabels ?? [];
  checkLabels(caller, set, present, 'setLabels');
  const removed = checkRemoved(caller, removeLabels ?? [], set, present);
  const replaced = new Set([...removed, ...set.map(({ name }) => name)]);
  return checkCount([...withoutNames(present, replaced), ...set], 'setLabels');
}

function checkRemoved(
  caller: Caller,
  names: readonly string[],
  set: readonly LabelInput[],
  present: readonly LabelInput[],
): readonly string[] {
  const path = ['input', 'removeLabels'];
  if (names.length > MAX_LABELS) {
    throw badUserInput(`removeLabels: found ${names.length}; a key has at most ${MAX_LABELS}.`, path);
  }
  for (const name of names) {
    const problem = labelNameProblem(name);
    if (problem !== null) throw badUserInput(`removeLabels: ${problem}`, path);
    if (set.some((label) => label.name === name)) {
      throw badUserInput(`removeLabels: found ${name}, which setLabels sets; expected either.`, path);
    }
    if (isPolicyLabel(name) && present.some((label) => label.name === name)) refusePolicyLabel(caller);
  }
  return names;
}

function checkCount(labels: readonly LabelInput[], field: 'labels' | 'setLabels'): readonly LabelInput[] {
  if (labels.length <= MAX_LABELS) return labels;
  const found = `${field}: the key would have ${labels.length} labels; expected at most ${MAX_LABELS}.`;
  throw badUserInput(found, ['input', field]);
}

function withoutNames(labels: readonly LabelInput[], names: ReadonlySet<string>): readonly LabelInput[] {
  return labels.filter(({ name }) => !names.has(name));
}

/** Returns the labels under `policy/`, which only administrators write. */
export function listPolicyLabels<Label extends LabelInput>(labels: readonly Label[]): Label[] {
  return labels.filter(({ name }) => isPolicyLabel(name));
}

function isPolicyLabel(name: string): boolean {
  return name.startsWith(POLICY_LABEL_PREFIX);
}

function mayWritePolicyLabels(caller: Caller): boolean {
  return may(caller, 'key.writePolicyLabels', {});
}

function refusePolicyLabel(caller: Caller): void {
  if (mayWritePolicyLabels(caller)) return;
  throw forbidden(`Only administrators may write labels under ${POLICY_LABEL_PREFIX}.`);
}
