import type { InputFieldBuilder } from '@pothos/core';
import { parseMetadata } from '../../domain/metadata.ts';
import { badUserInput } from '../../domain/request-error.ts';
import type { KeyNotes } from '../../keys/key-notes.ts';
import type { Types } from '../builder.ts';

/** The fields of a mutation's input that set the notes of a key. `removal` says what null does. */
export function noteFields(t: InputFieldBuilder<Types, 'InputObject'>, removal = '') {
  return {
    description: t.string({
      description: `What the key is for, for people: 1 to 1000 characters; line breaks are accepted.${removal}`,
    }),
    metadata: t.field({
      type: 'JSON',
      description: `Your own data about the key: a JSON object of at most 4096 bytes without white space. Callers who may read the key read it, so it is not for secrets: a value that looks like one is refused.${removal}`,
    }),
  };
}

/** Returns the notes that an input sets. @throws BAD_USER_INPUT for metadata that is malformed, too long or looks like a secret. */
export function toNotes(input: {
  readonly description?: string | null | undefined;
  readonly metadata?: unknown;
}): KeyNotes {
  const { description, metadata } = input;
  return {
    ...(description !== undefined && { description: { value: description } }),
    ...(metadata !== undefined && { metadata: { value: metadata === null ? null : readMetadata(metadata) } }),
  };
}

function readMetadata(value: unknown) {
  const parsed = parseMetadata(value);
  if ('metadata' in parsed) return parsed.metadata;
  throw badUserInput(`metadata: ${parsed.problem}.`, ['input', 'metadata']);
}
