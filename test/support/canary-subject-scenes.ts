import { reason, scopes, type Scene, type Stage } from './canary-stage.ts';

const nobody = { realm: 'default', externalId: 'nobody' };
const elsewhere = { realm: 'nowhere', externalId: 'nobody' };

const newSubject = async ({ world }: Stage) => {
  const subject = { realm: 'default', externalId: world.name('customer') };
  await world.mutate('upsertSubject', subject, 'subject { id }');
  return subject;
};

const newBackend = async ({ world }: Stage): Promise<string> => {
  const manage = [{ action: 'keytide:manage', resource: '**' }];
  return (await world.mutate('issueKey', { realm: 'default', name: world.name('backend'), scopes: manage }, 'secret'))
    .secret;
};

/** The same for the mutations of subjects. */
export const subjectScenes: readonly Scene[] = [
  [
    'issueKey',
    'IssueKeySuccess',
    ({ world }) => ({
      input: {
        realm: 'default',
        name: 'laptop',
        scopes,
        ownerOf: { subject: { externalId: world.name('customer'), name: 'A customer' } },
      },
    }),
  ],
  ['upsertSubject', 'UpsertSubjectSuccess', async (stage) => ({ input: { ...(await newSubject(stage)), name: 'B' } })],
  ['upsertSubject', 'RealmNotFound', () => ({ input: elsewhere })],
  ['disableSubject', 'DisableSubjectSuccess', async (stage) => ({ input: { ...(await newSubject(stage)), reason } })],
  ['disableSubject', 'RealmNotFound', () => ({ input: { ...elsewhere, reason } })],
  ['disableSubject', 'SubjectNotFound', () => ({ input: { ...nobody, reason } })],
  [
    'disableSubject',
    'SubjectNotActive',
    async (stage) => {
      const subject = await newSubject(stage);
      await stage.world.mutate('disableSubject', { ...subject, reason }, 'subject { id }');
      return { input: { ...subject, disabled: false, reason }, credential: await newBackend(stage) };
    },
  ],
  ['removeSubject', 'RemoveSubjectSuccess', async (stage) => ({ input: { ...(await newSubject(stage)), reason } })],
  ['removeSubject', 'RealmNotFound', () => ({ input: { ...elsewhere, reason } })],
  ['removeSubject', 'SubjectNotFound', () => ({ input: { ...nobody, reason } })],
  [
    'removeSubject',
    'SubjectNotActive',
    async (stage) => {
      const subject = await newSubject(stage);
      await stage.world.mutate('disableSubject', { ...subject, reason }, 'subject { id }');
      return { input: { ...subject, reason }, credential: await newBackend(stage) };
    },
  ],
  [
    'createPortalSession',
    'CreatePortalSessionSuccess',
    async (stage) => ({ input: { ...(await newSubject(stage)), may: ['LIST'] } }),
  ],
  ['createPortalSession', 'RealmNotFound', () => ({ input: { ...elsewhere, may: ['LIST'] } })],
  ['createPortalSession', 'SubjectNotFound', () => ({ input: { ...nobody, may: ['LIST'] } })],
  [
    'createPortalSession',
    'SubjectNotActive',
    async (stage) => {
      const subject = await newSubject(stage);
      await stage.world.mutate('disableSubject', { ...subject, reason }, 'subject { id }');
      return { input: { ...subject, may: ['LIST'] } };
    },
  ],
  ['endPortalSessions', 'EndPortalSessionsSuccess', async (stage) => ({ input: await newSubject(stage) })],
  ['endPortalSessions', 'RealmNotFound', () => ({ input: elsewhere })],
  ['endPortalSessions', 'SubjectNotFound', () => ({ input: nobody })],
];
