import type { KeyAction } from '../../domain/key-action.ts';
import { listPossibleActions } from '../../keys/possible-actions.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';
import { orderedLists } from './renewal-info.ts';

const actionDescriptions: Readonly<Record<KeyAction, string>> = {
  RENEW: 'Renew the key, by renewKey. Whether policies allow a renewal now is in renewalInfo.',
  ROTATE: 'Replace the secret, by rotateKey. A key that is held needs a gracePeriod of PT0S.',
  CONFIRM_ROTATION: 'Retire the old secret of the pending rotation, by confirmRotation.',
  UNDO_ROTATION: 'Return to the old secret, by undoRotation.',
  UPDATE: 'Change its name, notes and labels, and narrow what it may do, by updateKey.',
  TRANSFER: 'Give it to another owner, for whom the caller may issue such a key, by transferKey.',
  HOLD: 'Suspend the key, by holdKey. Not listed if the caller already holds it.',
  RESUME: 'Lift holds, at least one, by resumeKey. Others may remain.',
  REVOKE: 'End the key for good, by revokeKey.',
};

const KeyActionEnum = builder.enumType('KeyAction', {
  description: 'What a caller can do with one key, and the mutation that does it.',
  values: describeValues(actionDescriptions),
});

builder.prismaObjectField('Key', 'viewerCan', (t) =>
  t.field({
    type: [KeyActionEnum],
    description:
      'What the caller can do with the key now, by its permissions and the state of the key. The mutations decide by the same rules: none of these actions is refused for want of permission or because of the state of the key.',
    select: {
      id: true,
      accountId: true,
      organizationId: true,
      subjectId: true,
      realmId: true,
      issuedById: true,
      expiresAt: true,
      expiryBasis: true,
      expiredAt: true,
      revokedAt: true,
      scopes: true,
      tokenRuleId: true,
      holds: orderedLists.holds,
      secrets: orderedLists.secrets,
      parent: { select: { id: true, expiresAt: true, expiryBasis: true, expiredAt: true, revokedAt: true } },
    },
    resolve: (key, _args, { caller, services }) => listPossibleActions(caller, { ...key, now: services.clock.now() }),
  }),
);
