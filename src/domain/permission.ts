import { hasReservedAction, type Caller, type TrustedListener } from './caller.ts';
import type { PortalAction } from './portal.ts';
import { isSubjectId } from './subject.ts';

/**
 * The relation of a caller to the target of a request. A caller may have several relations at once.
 *
 * - ADMINISTRATOR: an account that administers this gateway
 * - OWNER: the account that owns the key
 * - ORGANIZATION_OWNER, ORGANIZATION_ADMIN, ORGANIZATION_MEMBER: an account with that role in the organization concerned
 * - ISSUER: the account that issued the key, while it belongs to the organization that owns it
 * - ITSELF: the key, by a secret that has not retired; the account itself
 * - READING_KEY, ISSUING_KEY, VERIFYING_KEY, FOLLOWING_KEY: a key of the same realm (and, for reading and issuing, of the same
 *   owner) with the reserved action keytide:read, keytide:issue, keytide:verify or keytide:follow
 * - MANAGING_KEY: a key of the same realm with the reserved action keytide:manage, for a target that a subject owns
 * - ORDINARY_KEY: a key without keytide:manage, for its realm
 * - PORTAL: a portal session, for its realm
 * - PORTAL_LIST, PORTAL_ISSUE, PORTAL_RENEW, PORTAL_ROTATE, PORTAL_REVOKE, PORTAL_EVENTS: a portal session that may do this,
 *   for a target that its subject owns
 * - TRUSTED_LISTENER: a proxy that asks over a listener that the configuration trusts for this realm
 * - SIGNED_IN: any account
 */
export type Relation =
  | 'ADMINISTRATOR'
  | 'OWNER'
  | 'ORGANIZATION_OWNER'
  | 'ORGANIZATION_ADMIN'
  | 'ORGANIZATION_MEMBER'
  | 'ISSUER'
  | 'ITSELF'
  | 'READING_KEY'
  | 'ISSUING_KEY'
  | 'VERIFYING_KEY'
  | 'FOLLOWING_KEY'
  | 'MANAGING_KEY'
  | 'ORDINARY_KEY'
  | 'PORTAL'
  | `PORTAL_${PortalAction}`
  | 'TRUSTED_LISTENER'
  | 'SIGNED_IN';

const managers = ['OWNER', 'ORGANIZATION_OWNER', 'ORGANIZATION_ADMIN', 'ISSUER', 'ADMINISTRATOR'] as const;
const organizationManagers = ['ORGANIZATION_OWNER', 'ORGANIZATION_ADMIN', 'ADMINISTRATOR'] as const;

/** All permissions: which relations give which capability. What is not listed is forbidden. */
export const permissions = {
  'key.read': [
    ...managers,
    'ORGANIZATION_MEMBER',
    'ITSELF',
    'READING_KEY',
    'MANAGING_KEY',
    'PORTAL_LIST',
    'PORTAL_RENEW',
    'PORTAL_ROTATE',
    'PORTAL_REVOKE',
  ],
  'key.issue': [
    'OWNER',
    'ORGANIZATION_OWNER',
    'ORGANIZATION_ADMIN',
    'ORGANIZATION_MEMBER',
    'ADMINISTRATOR',
    'ISSUING_KEY',
    'MANAGING_KEY',
    'PORTAL_ISSUE',
  ],
  'key.verify': ['ADMINISTRATOR', 'VERIFYING_KEY', 'TRUSTED_LISTENER'],
  'key.follow': ['FOLLOWING_KEY'],
  'key.renew': [...managers, 'ITSELF', 'MANAGING_KEY', 'PORTAL_RENEW'],
  'key.rotate': [...managers, 'ITSELF', 'MANAGING_KEY', 'PORTAL_ROTATE'],
  'key.confirmRotation': [...managers, 'ITSELF', 'MANAGING_KEY', 'PORTAL_ROTATE'],
  'key.undoRotation': [...managers, 'ITSELF', 'MANAGING_KEY', 'PORTAL_ROTATE'],
  'key.revoke': [...managers, 'ITSELF', 'MANAGING_KEY', 'PORTAL_REVOKE'],
  'key.update': [...managers, 'MANAGING_KEY'],
  'key.writePolicyLabels': ['ADMINISTRATOR'],
  'key.hold': [...managers, 'MANAGING_KEY'],
  'key.resume': [...managers, 'MANAGING_KEY'],
  'key.resumeAdministratorHold': ['ADMINISTRATOR'],
  'key.resumeManagerHold': ['ADMINISTRATOR', 'MANAGING_KEY'],
  'key.renewExpired': managers,
  'key.import': ['ADMINISTRATOR'],
  'key.adopt': ['ADMINISTRATOR', 'MANAGING_KEY'],
  'key.transfer': ['OWNER', 'ORGANIZATION_OWNER', 'ORGANIZATION_ADMIN', 'ADMINISTRATOR'],
  'key.changeMany': organizationManagers,
  'key.grantVerify': ['ADMINISTRATOR'],
  'key.grantFollow': ['ADMINISTRATOR'],
  'key.grantManage': ['ADMINISTRATOR'],
  'key.grantReserved': ['OWNER', 'ORGANIZATION_OWNER', 'ORGANIZATION_ADMIN', 'ADMINISTRATOR'],
  'realm.read': ['SIGNED_IN', 'ITSELF', 'PORTAL'],
  'realm.readSettings': ['SIGNED_IN', 'ITSELF'],
  'policy.read': ['SIGNED_IN', 'ORDINARY_KEY'],
  'realm.manage': ['ADMINISTRATOR'],
  'account.read': ['ITSELF', 'ADMINISTRATOR'],
  'account.inviteAdministrator': ['ADMINISTRATOR'],
  'account.invite': ['ADMINISTRATOR'],
  'account.disable': ['ADMINISTRATOR'],
  'account.setAdministrator': ['ADMINISTRATOR'],
  'account.endSessions': ['ITSELF', 'ADMINISTRATOR'],
  'account.confirmDevice': ['SIGNED_IN'],
  'organization.create': ['SIGNED_IN'],
  'organization.read': [...organizationManagers, 'ORGANIZATION_MEMBER'],
  'organization.manage': organizationManagers,
  'organization.grantOwner': ['ORGANIZATION_OWNER', 'ADMINISTRATOR'],
  'subject.read': ['ADMINISTRATOR', 'MANAGING_KEY'],
  'subject.manage': ['ADMINISTRATOR', 'MANAGING_KEY'],
  'webhook.manage': ['OWNER', 'ORGANIZATION_OWNER', 'ORGANIZATION_ADMIN', 'ADMINISTRATOR'],
  'event.read': [...managers, 'ORGANIZATION_MEMBER', 'ITSELF', 'READING_KEY', 'MANAGING_KEY', 'PORTAL_EVENTS'],
  'event.readOfOwner': [...managers, 'ORGANIZATION_MEMBER', 'ITSELF', 'READING_KEY', 'MANAGING_KEY'],
  'operation.read': organizationManagers,
  'operation.manage': organizationManagers,
  'operation.approve': organizationManagers,
  'rollout.answer': ['OWNER', ...organizationManagers, 'MANAGING_KEY'],
} as const satisfies Record<string, readonly Relation[]>;

export type Capability = keyof typeof permissions;

/** The target of a request. Fields that do not apply are left out. */
export interface Target {
  readonly keyId?: string | null;
  readonly accountId?: string | null;
  readonly realmId?: string | null;
  /** The account, organization or subject that owns the target, or that is the target. */
  readonly ownerId?: string | null;
  readonly issuedById?: string | null;
}

/** Returns all relations of a caller to a target. */
export function relationsOf(caller: Caller | TrustedListener, target: Target): ReadonlySet<Relation> {
  const found = new Set<Relation>();
  visitRelations(caller, target, (relation) => found.add(relation));
  return found;
}

/** Calls a function for each relation of a caller to a target; for one of them it may be twice. */
function visitRelations(caller: Caller | TrustedListener, target: Target, visit: (relation: Relation) => void): void {
  if (caller.kind === 'ACCOUNT') {
    visit('SIGNED_IN');
    if (caller.isAdministrator) visit('ADMINISTRATOR');
    if (target.ownerId === caller.id) visit('OWNER');
    if (target.accountId === caller.id || (target.ownerId === caller.id && !target.keyId)) visit('ITSELF');
    const role = target.ownerId ? caller.roles.get(target.ownerId) : undefined;
    if (role !== undefined) {
      visit(`ORGANIZATION_${role}`);
      if (target.issuedById === caller.id) visit('ISSUER');
    }
  }
  if (caller.kind === 'LISTENER' && target.realmId === caller.realmId) visit('TRUSTED_LISTENER');
  if (caller.kind === 'KEY') {
    if (target.keyId === caller.id) visit('ITSELF');
    if (target.realmId === caller.realmId) {
      if (!target.ownerId && !target.keyId) {
        visit('ITSELF');
        if (!hasReservedAction(caller, 'keytide:manage')) visit('ORDINARY_KEY');
      }
      if (hasReservedAction(caller, 'keytide:verify')) visit('VERIFYING_KEY');
      if (hasReservedAction(caller, 'keytide:follow')) visit('FOLLOWING_KEY');
      // To itself such a key is like any other.
      const isOther = target.keyId !== caller.id;
      if (isOther && isSubjectTarget(target) && hasReservedAction(caller, 'keytide:manage')) visit('MANAGING_KEY');
      if (target.ownerId === caller.ownerId) {
        if (hasReservedAction(caller, 'keytide:read')) visit('READING_KEY');
        if (hasReservedAction(caller, 'keytide:issue')) visit('ISSUING_KEY');
      }
    }
  }
  if (caller.kind === 'PORTAL' && target.realmId === caller.realmId) {
    if (!target.ownerId && !target.keyId) visit('PORTAL');
    if (target.ownerId === caller.subjectId) for (const action of caller.may) visit(`PORTAL_${action}`);
  }
}

function isSubjectTarget({ ownerId }: Target): boolean {
  return ownerId != null && isSubjectId(ownerId);
}

/**
 * Whether what a caller gives to keys of an owner in a realm is bounded by the realm's ceilings of subjects: it acts as a key with
 * keytide:manage, or as a portal session.
 */
export function isBoundBySubjectCeilings(caller: Caller, ownerId: string, realmId: string): boolean {
  return caller.kind === 'PORTAL' || isManaging(caller, ownerId, realmId);
}

/** Whether a caller acts as a key with keytide:manage on what an owner has in a realm. */
export function isManaging(caller: Caller, ownerId: string, realmId: string): boolean {
  return relationsOf(caller, { ownerId, realmId }).has('MANAGING_KEY');
}

/** The relations of people to a key or an organization, as a sentence that names whom to ask. */
const relationNames: Partial<Record<Relation, string>> = {
  OWNER: 'the owner of the key',
  ORGANIZATION_OWNER: 'an OWNER of the organization',
  ORGANIZATION_ADMIN: 'an ADMIN of the organization',
  ISSUER: 'the account that issued the key',
  ADMINISTRATOR: 'an administrator of the gateway',
};

/** Returns who has a capability, as people whom a caller without the capability can ask. */
export function describeWhoMay(capability: Capability): string {
  const relations: readonly Relation[] = permissions[capability];
  const names = relations.flatMap((relation) => relationNames[relation] ?? []);
  const [last = 'an administrator of the gateway', ...others] = names.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(', ')} or ${last}`;
}

/** What a caller with a foreign secret may do at the gateway, with its own key. */
const foreignCapabilities: readonly Capability[] = [
  'key.read',
  'key.renew',
  'key.rotate',
  'key.confirmRotation',
  'realm.read',
  'realm.readSettings',
  'policy.read',
];

/** Whether a caller has a capability on a target. A target that the caller may not read is reported as not found. */
export function may(caller: Caller | TrustedListener, capability: Capability, target: Target): boolean {
  if (caller.kind === 'KEY' && caller.isForeign === true && !foreignCapabilities.includes(capability)) return false;
  const allowed: readonly Relation[] = permissions[capability];
  let isAllowed = false;
  visitRelations(caller, target, (relation) => {
    isAllowed ||= allowed.includes(relation);
  });
  return isAllowed;
}
