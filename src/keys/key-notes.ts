import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Metadata } from '../domain/metadata.ts';
import { badUserInput } from '../domain/request-error.ts';
import { findSecretForm } from '../domain/secret-form.ts';
import { textProblem } from '../domain/text.ts';

/** The longest description of a key, in code points. */
export const DESCRIPTION_MAX = 1000;

/**
 * What is noted on a key beside its name. A note that is left out stays as it is; the value null removes it. The value is in an
 * object, so that a removal differs from a request without the note when canonical inputs are compared.
 */
export interface KeyNotes {
  readonly description?: { readonly value: string | null };
  readonly metadata?: { readonly value: Metadata | null };
}

/** Throws BAD_USER_INPUT, without repeating the text, for a description that is malformed or holds what looks like a secret. */
export function checkDescription({ description }: KeyNotes): void {
  const value = description?.value ?? null;
  if (value === null) return;
  const path = ['input', 'description'];
  const problem = textProblem(value, { name: 'description', max: DESCRIPTION_MAX, multiline: true });
  if (problem !== null) throw badUserInput(problem, path);
  const form = findSecretForm(value);
  if (form !== null) {
    throw badUserInput(`description: found what looks like ${form}, which others would read; remove it.`, path);
  }
}

/** Returns the columns of the notes that a new key has. */
export function noteColumns({ description, metadata }: KeyNotes) {
  return {
    ...(description != null && { description: description.value }),
    ...(metadata?.value != null && { metadata: parse(metadata.value) }),
  };
}

/** Returns the columns to write for the notes that an update sets or removes. */
export function changedNoteColumns({ description, metadata }: KeyNotes) {
  return {
    ...(description !== undefined && { description: description.value }),
    ...(metadata !== undefined && { metadata: metadata.value === null ? null : parse(metadata.value) }),
  };
}

function parse(metadata: Metadata): Prisma.InputJsonObject {
  return JSON.parse(metadata) as Prisma.InputJsonObject;
}
