import { disableSubject } from '../../subjects/disable.ts';
import { removeSubject } from '../../subjects/remove.ts';
import { upsertSubject } from '../../subjects/upsert.ts';
import { LabelInputRef } from '../key/key-filter.ts';
import { mutation, type SuccessFields } from '../mutation.ts';
import { subjectTexts } from './subject-input.ts';

export const realmText = 'Slug of the realm that the subject belongs to.';
export const externalIdText = 'The API’s id for the subject, exactly: 1 to 255 characters.';
export const callersText = 'For administrators, and for keys with the scope keytide:manage in the realm.';

mutation('upsertSubject', {
  description: `Makes a subject, or changes the subject with this external id. ${callersText}`,
  input: {
    description: 'A subject. What is left out stays as it is.',
    fields: (t) => ({
      realm: t.string({ required: true, description: realmText }),
      externalId: t.string({ required: true, description: subjectTexts.externalId }),
      name: t.string({ description: subjectTexts.name }),
      email: t.string({ description: subjectTexts.email }),
      language: t.string({ description: subjectTexts.language }),
      labels: t.field({
        type: [LabelInputRef],
        description: `${subjectTexts.labels} The list replaces the present labels; labels under policy/ stay unless an administrator sends the list.`,
      }),
    }),
  },
  useCase: upsertSubject,
  toInput: (input) => ({
    realm: input.realm,
    externalId: input.externalId,
    name: input.name ?? null,
    email: input.email ?? null,
    language: input.language ?? null,
    labels: input.labels ?? null,
  }),
  failures: ['RealmNotFound'],
  success: { description: 'The subject exists as described.', fields: subjectFields },
});

mutation('disableSubject', {
  description: `Disables a subject: its keys are held at once, and no keys are issued for it. With disabled: false it is enabled again, and these holds are lifted. ${callersText} Only administrators enable a subject that an administrator disabled.`,
  input: {
    description: 'Which subject to disable or enable, and why.',
    fields: (t) => ({
      realm: t.string({ required: true, description: realmText }),
      externalId: t.string({ required: true, description: externalIdText }),
      disabled: t.boolean({ description: 'False: enable the subject again. Default: true.' }),
      reason: t.string({ required: true }),
    }),
  },
  useCase: disableSubject,
  toInput: ({ disabled, ...input }) => ({ ...input, isDisabled: disabled ?? true }),
  failures: ['RealmNotFound', 'SubjectNotFound', 'SubjectNotActive'],
  success: { description: 'The subject is disabled or enabled.', fields: subjectFields },
});

mutation('removeSubject', {
  description: `Removes a subject: revokes its keys, and erases its external id, name, email, language and labels. The ids of the subject and its keys stay, and so does their history. ${callersText} Only administrators remove a subject that an administrator disabled.`,
  input: {
    description: 'Which subject to remove, and why.',
    fields: (t) => ({
      realm: t.string({ required: true, description: realmText }),
      externalId: t.string({ required: true, description: externalIdText }),
      reason: t.string({ required: true }),
    }),
  },
  useCase: removeSubject,
  toInput: (input) => input,
  failures: ['RealmNotFound', 'SubjectNotFound', 'SubjectNotActive'],
  success: { description: 'The subject is removed.', fields: subjectFields },
});

/** Builds the fields of a mutation that changes a subject: the subject after the change. */
export function subjectFields<Facts extends { readonly subjectId: string }>(t: SuccessFields<Facts>) {
  return {
    subject: t.prismaField({
      type: 'Subject',
      description: 'The subject after the change.',
      resolve: (query, { subjectId }, _args, { services }) =>
        services.prisma.subject.findUniqueOrThrow({ ...query, where: { id: subjectId } }),
    }),
  };
}
