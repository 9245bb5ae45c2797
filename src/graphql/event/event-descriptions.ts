import type { EventType } from '../../domain/event.ts';

/** When each type of event is recorded, and the fields of `data` that matter most. For the schema and docs/events.md. */
export const eventDescriptions: Readonly<Record<EventType, string>> = {
  KEY_ISSUED: 'A key was created. If it was exchanged for a job’s token, `data` has `ruleId`, `issuerId` and `issuer`.',
  KEY_ADOPTED:
    'A key that an import had announced by a salted digest got its secret, at the first use of it. `data.generation` is the secret’s.',
  KEY_FIRST_USED: 'A secret of the key was used for the first time; `data.generation` says which secret.',
  KEY_USED_OUT_OF_RHYTHM:
    'A key with a sure cadence was used much earlier or later than its rhythm lets expect. Recorded with the first use of a day, once a key and day, and not for uses within a week of the one before.',
  KEY_UPDATED:
    'A person changed the key’s name, description, metadata, labels, scopes, allowed addresses or expiry; `data.changed` lists which. Descriptions and metadata are in no event.',
  KEY_TRANSFERRED:
    'The key was given to another owner, from `data.from` to `data.to`. It is the last event of the key that the previous owner can see.',
  KEY_RENEWED: 'The key was renewed: its expiry may have moved later, never earlier.',
  KEY_HELD:
    'The key was suspended by a person, by a policy or after a leak report. With `data.source` LEAK the event also has the reporter, where the secret was found and its latest uses.',
  KEY_RESUMED: 'Holds of the key were lifted; `data.isStillHeld` says whether other holds remain.',
  KEY_REVOKED:
    'The key ended for good. `data.children` lists keys that it issued and that have not ended, at most 100. With `data.source` LEAK the event also has the reporter, where the secret was found and its latest uses.',
  KEY_ROTATION_STARTED: 'The key got a new secret. The old secret works until `data.previousRetiresAt`.',
  KEY_ROTATION_COMPLETED:
    'The old secret of a rotation retired. With `data.by` LEAKED it retired at once, because it was reported as leaked.',
  KEY_ROTATION_ASKED:
    'A person asked that the secret be replaced, by a change of many keys. The renewal information advises it from now on; nothing stops.',
  KEY_ROTATION_WITHDRAWN:
    'The change of many keys that requested a rotation was undone before the secret was replaced: the renewal information no longer advises the rotation.',
  KEY_ROTATION_UNDONE: 'A rotation was undone. If `data.isSwap` is true, the old and the new secret swapped roles.',
  KEY_ROTATION_STALLED:
    'The grace period of a rotation was extended, once, because not all consumers are known to use the new secret.',
  KEY_SECRET_REUSED:
    'A secret that retired at `data.retiredAt` was presented and refused. If `data.isNewConsumer` is true, no secret of the key was ever seen in use by this consumer: the secret may be in the wrong hands. Not recorded for keys that have ended.',
  KEY_BROKE_CONSUMER:
    'A consumer that worked was refused, because the key expired, its secret retired or a policy holds the key, and had not used a newer secret of the key before. Recorded once a day (UTC) for each key and consumer. `data` has the outcome, the consumer, and since when it worked.',
  KEY_BROWNOUT_ENDED:
    'A brownout of the key ended early, because it refused a consumer that the key’s owner had not listed. The key works again.',
  KEY_EXPIRING:
    'Notice that the key will stop: recorded 30, 14, 7 and 1 day before the stop, as far as that is shorter than the key’s life. A life shorter than 2 days has one notice, when a third of it is left; a life shorter than an hour has none.',
  KEY_STOPS_BEFORE_NEXT_USE:
    'Notice that the key will stop before it is likely to be used next, by its cadence, and that no program renews it. Recorded at the last use if time alone stops the key, else at the review that finds it, and again 14 days before the stop.',
  KEY_EXPIRED:
    'The key expired and no longer works. With `data.basis` BY_USE a policy expired it because it was unused.',
  KEY_DORMANCY_WARNED: 'The key was unused for so long that a dormancy policy warns its owner.',
  KEY_STOP_CHANGED:
    'The moment at which the key stops, or at which time alone ends it, moved: by policy, by a freeze, or because no notice could be delivered. `data` has the old and the new stop, and the code of the reason.',
  POLICY_ANNOUNCED:
    'A new binding of a policy, or a change of a binding, was announced. It takes effect at `data.effectiveAt`.',
  POLICY_BOUND: 'A binding of a policy took effect in a realm.',
  POLICY_CHANGED: 'A change of a policy’s binding took effect.',
  POLICY_APPLIED:
    'All keys of the realm have been reviewed after a change of policy. For `data.silentCount` of them the module gave no verdict.',
  POLICY_UNBOUND:
    'A binding was removed, or withdrawn before it took effect. If `data.revisionInForce` is not null, only an announced change was withdrawn.',
  POLICY_BROKEN: 'The module of a binding is missing or fails. The last verdicts of the binding stay in force.',
  POLICY_MENDED: 'The module of a binding works again.',
  BRAKE_ENGAGED:
    'A binding would have shortened the life of too many keys within an hour. The keys beyond the limit keep their old stops.',
  BRAKE_RELEASED: 'An administrator released stops that a brake had held back.',
  BRAKE_CANCELLED:
    'An administrator discarded the stops that a brake had held back. If the revision that engaged the brake was still in force (`data.isInForce`), its binding is now in SHADOW.',
  ROLLOUT_PROPOSED:
    'A change of a binding was proposed as a rollout. Its first stage has begun: if that is COMMENT, owners can answer.',
  ROLLOUT_STAGE_BEGAN: 'A stage of a rollout began, after its first stage COMMENT.',
  ROLLOUT_PAUSED:
    'A rollout was paused: by a person, or with `data.isOverBudget` because its budget was used up; then its last stage is undone.',
  ROLLOUT_RESUMED: 'A rollout goes on.',
  ROLLOUT_INCONCLUSIVE:
    'Too little was used in a stage of a rollout to know whether the stage breaks anything. A person decides.',
  ROLLOUT_UNDONE: 'A rollout was undone: the revision before is in force, and all keys are reviewed again.',
  ROLLOUT_ANSWERED:
    'An owner answered a rollout; `data.answer` says how. The text is in `Rollout.answers` alone. Administrators and the owner see the event.',
  ROLLOUT_REPLIED:
    'An administrator replied to an owner’s answer to a rollout. A reply to an objection lets the rollout go on.',
  ROLLOUT_EXCEPTION_GRANTED:
    'An administrator granted an exception from a rollout: the revision before stays in force for its keys until `data.until`.',
  ROLLOUT_EXCEPTION_REFUSED: 'An administrator refused an exception from a rollout.',
  ROLLOUT_EXCEPTION_ENDED: 'A granted exception from a rollout ended by itself, at `data.until`.',
  ROLLOUT_ENDED:
    'A rollout has ended. `data.bindingRevision` is the revision that the binding has; null: the rollout was undone, and all keys were reviewed.',
  ACCOUNT_SIGNED_IN: 'A session was opened. If a device was confirmed, `data` has the device’s name.',
  ACCOUNT_SIGNED_OUT: 'A session was ended by its account, or by an administrator: see the actor.',
  DEVICE_REFUSED: 'A person refused a device that asked to be signed in.',
  ACCOUNT_PASSWORD_CHANGED: 'The password of an account was changed. All other sessions of the account ended.',
  ACCOUNT_INVITED: 'A person was invited to create an account.',
  ACCOUNT_INVITATION_WITHDRAWN: 'An invitation to create an account was withdrawn before it was accepted.',
  ACCOUNT_CREATED: 'An account was created.',
  ACCOUNT_UPDATED: 'The name of an account was changed, or whether notices are sent to its email address.',
  ACCOUNT_DISABLED: 'An account was disabled. Its keys that have not ended (`data.keyCount`) stay as they are.',
  ACCOUNT_ENABLED: 'A disabled account was enabled again: it can sign in. The sessions that had ended stay ended.',
  ACCOUNT_ADMINISTRATOR_CHANGED: 'An account became an administrator of the gateway, or is one no longer.',
  ORGANIZATION_CREATED: 'An organization was created.',
  ORGANIZATION_RENAMED: 'An organization got another name.',
  ORGANIZATION_MEMBER_CHANGED:
    'A member was added or removed, or got another role, or the account of the last OWNER was disabled. If `data.hasOwner` is false, an administrator must name an OWNER.',
  SUBJECT_CREATED: 'A subject was made: by its first key, or by upsertSubject. The event has no names.',
  SUBJECT_UPDATED: 'A subject was changed; `data.changed` lists the changed fields.',
  SUBJECT_DISABLED:
    'A subject was disabled, or an administrator disabled a subject that its API had disabled. Its keys that have not ended (`data.keyCount`) are held.',
  SUBJECT_ENABLED: 'A disabled subject was enabled again. The holds that disabling had placed are lifted.',
  SUBJECT_REMOVED:
    'A subject was removed: its keys (`data.keyCount`) are revoked, and its external id, name, email and labels are erased.',
  PORTAL_SESSION_CREATED: 'A portal session of a subject was created. The event has no token.',
  PORTAL_SESSIONS_ENDED:
    'The portal sessions of a subject were ended. Sessions that end with their subject, or with the key that made them, have no such event.',
  REALM_CREATED: 'A realm was created.',
  REALM_UPDATED: 'The settings of a realm were changed.',
  ACTION_DEFINED: 'An action was added to the realm’s catalogue.',
  ACTION_RETIRED: 'An action was retired: new keys cannot get it, existing keys keep it.',
  WEBHOOK_CREATED: 'A webhook was created. Events about a realm’s webhook are visible to administrators only.',
  WEBHOOK_UPDATED: 'The URL, filter or description of a webhook was changed; `data.changed` lists which.',
  WEBHOOK_SECRET_ROTATED: 'A webhook got a new secret. The old secret signs too until `data.previousRetiresAt`.',
  WEBHOOK_TESTED: 'A test of a webhook was requested. Only that webhook receives this event.',
  WEBHOOK_REPLAYED: 'A webhook sends events again: all events after a cursor, or the parked events.',
  WEBHOOK_PARKED:
    'An event could not be delivered for three days while others were. It is sent again only when the webhook is replayed.',
  WEBHOOK_PAUSED:
    'A webhook was paused: by a person with a reason, or by the gateway because nothing could be delivered for three days; `reason` then says why the last attempt failed.',
  WEBHOOK_RESUMED: 'A paused webhook sends again, from the event at which it stopped.',
  OPERATION_PROPOSED:
    'A change of many keys waits for the approval of a second person. Visible to those who manage the organization or the realm.',
  OPERATION_STARTED: 'A change of many keys started, was resumed, or is being undone.',
  OPERATION_PAUSED: 'A change of many keys was paused.',
  OPERATION_STOPPED: 'A change of many keys was stopped. The remaining keys stay as they are.',
  OPERATION_ENDED: 'A change of many keys, or its undoing, has reached all of its keys.',
  WEBHOOK_ENDED: 'A webhook was deleted, or its receiver answered 410 Gone.',
  ISSUER_TRUSTED:
    'A realm accepts tokens of an issuer, as its token rules allow. Events about issuers and token rules are visible to administrators only.',
  ISSUER_UPDATED: 'The name, audience or imported keys of an issuer were changed; `data.changed` lists which.',
  ISSUER_DISTRUSTED: 'A realm no longer accepts tokens of an issuer.',
  TOKEN_RULE_ADDED: 'A token rule was added: tokens that match its conditions are exchanged for keys of `data.owner`.',
  TOKEN_RULE_UPDATED: 'A token rule was changed; `data.changed` lists the changed fields.',
  TOKEN_RULE_REMOVED: 'A token rule was removed.',
  TOKEN_REUSED:
    'A token that was already exchanged was sent again, without the idempotency key of its exchange: its job lost the response, or the token was stolen. Recorded once for each token.',
};
