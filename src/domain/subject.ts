import { hasOnlyFields } from './has-only-fields.ts';
import type { Scope } from './scope.ts';

/** Longest external id of a subject, in code points. */
export const EXTERNAL_ID_MAX = 255;

/**
 * What keys of some subjects of a realm may get. `label` is a label under `policy/` that the subject must have; null: every
 * subject.
 */
export interface SubjectCeiling {
  readonly label: { readonly name: string; readonly value: string } | null;
  readonly scopes: readonly Scope[];
}

/** Whether the id of an owner is that of a subject. */
export function isSubjectId(ownerId: string): boolean {
  return ownerId.startsWith('subject_');
}

const ceilingFields: ReadonlySet<string> = new Set<keyof SubjectCeiling>(['label', 'scopes']);
const labelFields: ReadonlySet<string> = new Set(['name', 'value']);
const scopeFields: ReadonlySet<string> = new Set<keyof Scope>(['action', 'resource']);

/** Whether this release knows every field of a stored ceiling. */
function isKnownCeiling(ceiling: SubjectCeiling): boolean {
  const { label, scopes } = ceiling;
  return (
    hasOnlyFields(ceiling, ceilingFields) &&
    (label === null || hasOnlyFields(label, labelFields)) &&
    scopes.every((scope) => hasOnlyFields(scope, scopeFields))
  );
}

/**
 * Returns the scopes that keys of a subject with these labels may get: those of all ceilings that apply to it. A ceiling with a
 * field that this release does not know gives none.
 */
export function findSubjectScopes(
  ceilings: readonly SubjectCeiling[],
  labels: readonly { readonly name: string; readonly value: string }[],
): readonly Scope[] {
  return ceilings
    .filter(isKnownCeiling)
    .filter(({ label }) => label === null || labels.some((own) => own.name === label.name && own.value === label.value))
    .flatMap(({ scopes }) => scopes);
}

const languageTag = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/;

/** Returns why a text is not a language tag such as `de` or `pt-BR` (BCP 47); null: it is one. */
export function languageProblem(language: string): string | null {
  return languageTag.test(language)
    ? null
    : 'found a text that is not a language tag; expected one such as de or pt-BR';
}
