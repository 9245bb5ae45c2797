import { badUserInput } from '../../domain/request-error.ts';
import { textProblem } from '../../domain/text.ts';
import type { FoundKey } from '../../keys/find-by-secret.ts';
import { verifyKey, type Verification } from '../../keys/verify.ts';
import { builder } from '../builder.ts';
import { OutcomeEnum } from '../enums.ts';
import { LabelRef, ScopeRef } from './key.ts';

/** The longest texts that a verification takes, in characters. */
const LENGTH_MAX = { secret: 256, action: 64, resource: 512, consumer: 200 };

const VerifiedKeyRef = builder.objectRef<FoundKey>('VerifiedKey').implement({
  description: 'What a verifier learns of a key: not its history.',
  fields: (t) => ({
    id: t.exposeID('id'),
    realm: t.exposeString('realmSlug'),
    ownerId: t.exposeID('ownerId'),
    labels: t.field({ type: [LabelRef], resolve: ({ labels }) => [...labels] }),
    scopes: t.field({ type: [ScopeRef], resolve: ({ scopes }) => [...scopes] }),
  }),
});

const VerificationRef = builder.objectRef<Verification>('Verification').implement({
  description: 'Whether a secret is good. An outcome is an answer, not an error.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: OutcomeEnum }),
    key: t.expose('key', {
      type: VerifiedKeyRef,
      nullable: true,
      description: 'Null when the outcome is KEY_UNKNOWN.',
    }),
    scopeChecked: t.exposeBoolean('scopeChecked', { description: 'False: nothing was said of action and resource.' }),
    stopsAt: t.expose('stopsAt', { type: 'DateTime', nullable: true }),
    renewalDue: t.exposeBoolean('renewalDue', { description: 'Whether the moment picked for its renewal has come.' }),
    message: t.exposeString('message', { description: 'For whoever sent the secret: what is so, and what to do.' }),
  }),
});

const VerifyKeyInputRef = builder.inputType('VerifyKeyInput', {
  fields: (t) => ({
    secret: t.string({ required: true }),
    action: t.string({ description: 'Both or neither of action and resource.' }),
    resource: t.string(),
    consumer: t.string({ description: 'Where the secret was seen: lets a rotation know who has moved.' }),
  }),
});

builder.mutationField('verifyKey', (t) =>
  t.field({
    type: VerificationRef,
    description:
      'Whether a secret is good, and good for that. For keys with keytide:verify in the realm, and administrators.',
    args: { input: t.arg({ type: VerifyKeyInputRef, required: true }) },
    resolve: async (_root, { input: { secret, action, resource, consumer } }, { services, caller }) => {
      if ((action == null) !== (resource == null)) {
        throw badUserInput('Found one of action and resource; give both or neither.', ['input']);
      }
      for (const [field, value] of Object.entries({ action, resource, consumer })) {
        if (value != null)
          throwIfProblem(textProblem(value, { name: field, max: LENGTH_MAX[field as keyof typeof LENGTH_MAX] }), field);
      }
      const purpose = action == null || resource == null ? null : { action, resource };
      const verification = await verifyKey(services, caller, {
        secret: secret.slice(0, LENGTH_MAX.secret),
        purpose,
        consumer: consumer ?? null,
      });
      services.metrics.verifications.inc({ outcome: verification.outcome });
      return verification;
    },
  }),
);

function throwIfProblem(problem: string | null, field: string): void {
  if (problem !== null) throw badUserInput(problem, ['input', field]);
}
