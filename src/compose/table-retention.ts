import type { Prisma } from '../../prisma/generated/client/client.ts';
import { accountRetention } from '../accounts/retention.ts';
import { bindingRetention } from '../bindings/retention.ts';
import { mailRetention } from '../mail/retention.ts';
import { deviceRetention } from '../accounts/devices/retention.ts';
import { issuerRetention } from '../issuers/retention.ts';
import { addresslessRetention } from '../keys/addressless-verifiers.ts';
import { keyRetention } from '../keys/retention.ts';
import { logRetention } from '../log/retention.ts';
import { operationRetention } from '../operations/retention.ts';
import { policyRetention } from '../policies/retention.ts';
import { realmRetention } from '../realms/retention.ts';
import { rolloutRetention } from '../rollouts/retention.ts';
import type { RetentionReason, RetentionRule, TableRetention } from '../store/retention-rule.ts';
import { subjectRetention } from '../subjects/retention.ts';
import { webhookRetention } from '../webhooks/retention.ts';

/**
 * The retention of every table. A new table does not compile until it has an entry beside its code. docs/retention.md
 * is generated from this record.
 */
export const tableRetention: Readonly<Record<Prisma.ModelName, TableRetention>> = {
  ...accountRetention,
  ...deviceRetention,
  ...realmRetention,
  ...subjectRetention,
  ...keyRetention,
  ...addresslessRetention,
  ...bindingRetention,
  ...policyRetention,
  ...rolloutRetention,
  ...issuerRetention,
  ...operationRetention,
  ...webhookRetention,
  ...mailRetention,
  ...logRetention,
};

/** All rules, in the order in which they are applied. */
export const retentionRules: readonly RetentionRule[] = Object.values(tableRetention).flat().filter(isRule);

/** Returns whether the retention job removes these rows. */
export function isRule(retention: RetentionRule | RetentionReason): retention is RetentionRule {
  return 'remove' in retention;
}
