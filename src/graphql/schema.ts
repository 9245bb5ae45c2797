import { lexicographicSortSchema, printSchema } from 'graphql';
import './scalars.ts';
import './account/accept-invitation.ts';
import './account/account-list.ts';
import './account/change-password.ts';
import './account/device.ts';
import './account/disable-account.ts';
import './account/invite-account.ts';
import './account/sign-in.ts';
import './account/update-account.ts';
import './account/viewer.ts';
import './event/log-cursor.ts';
import './event/subscribe-events.ts';
import './event/subscribe-expiring.ts';
import './issuer/exchange-token.ts';
import './issuer/explain-token.ts';
import './issuer/issuer-lists.ts';
import './issuer/issuer-mutations.ts';
import './issuer/rule-mutations.ts';
import './key/confirm-rotation.ts';
import './key/hold-key.ts';
import './key/issue-key.ts';
import './key/key-queries.ts';
import './key/renew-key.ts';
import './key/resume-key.ts';
import './key/revoke-key.ts';
import './key/rotate-key.ts';
import './key/transfer-key.ts';
import './key/undo-rotation.ts';
import './key/update-key.ts';
import './key/verify-key.ts';
import './organization/membership-invitation.ts';
import './organization/organization-list.ts';
import './organization/organization-mutations.ts';
import './organization/organization.ts';
import './policy/binding.ts';
import './policy/brake.ts';
import './policy/explanation.ts';
import './policy/policies.ts';
import './policy/preview-policy.ts';
import './policy/binding-mutations.ts';
import './realm/realm.ts';
import './realm/realm-list.ts';
import './realm/action-mutations.ts';
import './realm/realm-mutations.ts';
import './usage.ts';
import './subject/subject-ceilings.ts';
import './subject/subject-list.ts';
import './subject/subject-mutations.ts';
import './subject/subject.ts';
import './webhook/create-webhook.ts';
import './webhook/delete-webhook.ts';
import './webhook/deliveries.ts';
import './webhook/webhook-lists.ts';
import './webhook/replay-webhook.ts';
import './webhook/pause-webhook.ts';
import './webhook/resume-webhook.ts';
import './webhook/rotate-webhook-secret.ts';
import './webhook/test-webhook.ts';
import './webhook/update-webhook.ts';
import { builder } from './builder.ts';

/** The schema of everything that the imports above have added to the builder. */
export const schema = builder.toSchema();

/** Prints the schema as it is stored in schema.graphql: sorted, so that the order of imports does not matter. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
