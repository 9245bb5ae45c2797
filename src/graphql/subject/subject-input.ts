import { badUserInput } from '../../domain/request-error.ts';
import { builder } from '../builder.ts';
import { LabelInputRef } from '../key/key-filter.ts';

/** Descriptions of the fields of a subject. */
export const subjectTexts = {
  externalId:
    'The API’s id for the subject: any text of 1 to 255 characters without control characters. It is compared exactly, code point by code point: no normalization, no folding of case, no trimming.',
  name: 'A name for people: 1 to 100 characters. Default: the external id.',
  email: 'An address for notices. It is not verified.',
  language: 'The language for notices, as a BCP 47 tag such as de or pt-BR.',
  labels: 'At most 50 labels, each with its own name. Only administrators write names under policy/.',
} as const;

const SubjectInputRef = builder.inputType('SubjectInput', {
  description:
    'A subject of the realm. It is made if the realm has none with this external id; then the other fields count too. An existing subject stays as it is: upsertSubject changes it.',
  fields: (t) => ({
    externalId: t.string({ required: true, description: subjectTexts.externalId }),
    name: t.string({ description: subjectTexts.name }),
    email: t.string({ description: subjectTexts.email }),
    language: t.string({ description: subjectTexts.language }),
    labels: t.field({ type: [LabelInputRef], description: subjectTexts.labels }),
  }),
});

export const OwnerInputRef = builder.inputType('OwnerInput', {
  description: 'The owner of a key: an id, or a subject of the realm. Give exactly one field.',
  fields: (t) => ({
    id: t.id({ description: 'Id of an account, an organization or a subject.' }),
    subject: t.field({ type: SubjectInputRef, description: 'A subject of the realm, by its external id.' }),
  }),
});

type OwnerInput = typeof OwnerInputRef.$inferInput;

/** Returns the owner that an input names, as an id or as a subject. Throws BAD_USER_INPUT unless it names at most one. */
export function readOwner(owner: string | null | undefined, ownerOf: OwnerInput | null | undefined) {
  if (ownerOf == null) return { owner: owner ?? null, subject: null };
  const { id, subject } = ownerOf;
  if (owner != null || (id == null) === (subject == null)) {
    throw badUserInput('ownerOf: expected one of id and subject, and no owner beside it.', ['input', 'ownerOf']);
  }
  return { owner: id ?? null, subject: subject ?? null };
}
