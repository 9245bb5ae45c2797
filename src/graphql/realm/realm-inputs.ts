import { builder } from '../builder.ts';
import { ScopeInputRef } from '../common-inputs.ts';
import { RoleEnum } from '../enums.ts';
import { LabelInputRef } from '../key/key-filter.ts';

export const CeilingInputRef = builder.inputType('CeilingInput', {
  description: 'The ceiling of a role: accounts of that role can issue keys only with scopes that it includes.',
  fields: (t) => ({
    role: t.field({
      type: RoleEnum,
      required: true,
      description:
        'The account’s role in the organization that owns the key. For a key that an account itself owns, the ceiling of OWNER applies; if OWNER has no ceiling, that of MEMBER.',
    }),
    scopes: t.field({
      type: [ScopeInputRef],
      required: true,
      description:
        '1 to 100 scopes. The action of a scope may also be prefix:* or *; neither of these includes keytide: actions.',
    }),
  }),
});

export const SubjectCeilingInputRef = builder.inputType('SubjectCeilingInput', {
  description: 'What keys of some subjects may get.',
  fields: (t) => ({
    label: t.field({
      type: LabelInputRef,
      description: 'Only subjects with this label, under policy/. Default: every subject.',
    }),
    scopes: t.field({
      type: [ScopeInputRef],
      required: true,
      description: '1 to 100 scopes. The action of a scope may also be prefix:* or *. No keytide: actions.',
    }),
  }),
});

export const FreezeInputRef = builder.inputType('FreezeInput', {
  description: 'A period in which no policy should stop a key. A stop that falls into it is postponed to its end.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: true, description: 'When the freeze begins.' }),
    to: t.field({
      type: 'DateTime',
      required: true,
      description: 'When the freeze ends, after `from`. This instant is not part of the freeze.',
    }),
    reason: t.string({ required: true, description: 'Why there is a freeze, for people: 1 to 100 characters.' }),
  }),
});

export const ForeignSecretsInputRef = builder.inputType('ForeignSecretsInput', {
  description:
    'The secrets of another system that verify in a realm after their digests were imported. A text that has the form of a secret of this gateway never counts as foreign.',
  fields: (t) => ({
    pattern: t.string({
      required: true,
      description:
        'What a whole secret matches: characters and classes such as [0-9a-f], each once or with ?, {40} or {20,40}; at most two of them vary in length; for example sk_live_[0-9A-Za-z]{24}. Empty: no foreign secret verifies.',
    }),
    randomBits: t.int({
      required: true,
      description:
        'How many random bits a secret has at least: 80 to 1024. Under 128, the stored digest is a MAC under the sealing key, and verifiers in other processes do not get it.',
    }),
  }),
});

export const SubjectMailInputRef = builder.inputType('SubjectMailInput', {
  description: 'How a realm mails its subjects before their keys stop.',
  fields: (t) => ({
    senderName: t.string({
      required: true,
      description:
        'The name of the sender: your API, as customers know it; 1 to 100 characters. Empty: subjects are not mailed.',
    }),
    replyTo: t.string({
      description: 'The address for replies. Default: replies go to the sender of the gateway.',
    }),
    keysPage: t.string({
      description:
        'The page on which your customers see their keys, such as https://app.example/keys: each mail links to it. http only for loopback hosts. Default: mails have no such link.',
    }),
  }),
});
