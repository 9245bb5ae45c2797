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

/** Returns the scopes that keys of a subject with these labels may get: those of all ceilings that apply to it. */
export function findSubjectScopes(
  ceilings: readonly SubjectCeiling[],
  labels: readonly { readonly name: string; readonly value: string }[],
): readonly Scope[] {
  return ceilings
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
