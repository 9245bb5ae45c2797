import type { SubjectCeiling } from '../../domain/subject.ts';
import { builder } from '../builder.ts';
import { LabelRef, ScopeRef } from '../key/key-parts.ts';

const SubjectCeilingRef = builder.objectRef<SubjectCeiling>('SubjectCeiling').implement({
  description: 'The scopes that keys of some subjects of a realm may get.',
  fields: (t) => ({
    label: t.field({
      type: LabelRef,
      nullable: true,
      description: 'A label under policy/ that a subject must have. Null: it applies to every subject.',
      resolve: ({ label }) => label,
    }),
    scopes: t.field({
      type: [ScopeRef],
      description: 'The scopes. An action may also be prefix:* or *.',
      resolve: ({ scopes }) => [...scopes],
    }),
  }),
});

builder.prismaObjectField('Realm', 'subjectCeilings', (t) =>
  t.field({
    type: [SubjectCeilingRef],
    description:
      'What keys of the realm’s subjects may get from keys with the scope keytide:manage. A subject may get the scopes of every entry that applies to it; without such an entry, none.',
    select: { subjectCeilings: true },
    resolve: ({ subjectCeilings }) => subjectCeilings as unknown as SubjectCeiling[],
  }),
);
