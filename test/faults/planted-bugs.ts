import type { Duplex } from 'node:stream';
import type { Rule } from './finding.ts';
import { replaceWord, sendSome } from './frames.ts';

/** A bug that was planted on purpose: in the database, or in what lies between a node and its callers. */
export interface PlantedBug {
  /** What it is, and what has to be found because of it. */
  readonly name: string;
  readonly rule: Rule;
  /** Statements that plant it. */
  readonly sql?: string;
  /** What answers of the node go through. */
  readonly through?: () => Duplex;
  /** What has to go wrong for it to be seen. */
  readonly needs?: 'LOST_ANSWERS' | 'LOST_DATABASE' | 'REFUSED_DELIVERIES';
}

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'an event that is never written',
    rule: 'CHANGE_WITHOUT_EVENT',
    sql: onEach('INSERT ON "Event"', `IF NEW.type = 'KEY_RENEWED' THEN RETURN NULL; END IF;`),
  },
  {
    name: 'a request that is forgotten once it is answered',
    rule: 'CHANGED_TWICE',
    sql: onEach('UPDATE ON "IdempotencyRecord"', `NEW.digest := sha256(random()::text::bytea);`),
    needs: 'LOST_ANSWERS',
  },
  { name: 'an event that gets lost on its way to a subscriber', rule: 'EVENT_MISSED', through: () => sendSome(0) },
  { name: 'an event that a subscriber gets twice', rule: 'EVENT_REPEATED', through: () => sendSome(2) },
  {
    name: 'a revocation that is recorded and not stored',
    rule: 'ACCEPTED_LATE',
    sql: onEach('UPDATE ON "Key"', `NEW."revokedAt" := NULL;`),
  },
  {
    name: 'a new secret that is stored with a wrong digest',
    rule: 'REFUSED_GOOD',
    sql: onEach('INSERT ON "Secret"', `IF NEW.generation > 1 THEN NEW.digest := sha256(NEW.digest); END IF;`),
  },
  {
    name: 'a node that refuses when it cannot know',
    rule: 'REFUSED_GOOD',
    through: () => replaceWord('UNAVAILABLE', 'KEY_UNKNOWN'),
    needs: 'LOST_DATABASE',
  },
  {
    name: 'a webhook whose cursor steps over an event',
    rule: 'DELIVERY_MISSED',
    sql: onEach(
      'UPDATE ON "Webhook"',
      `IF NEW."leaseToken" IS NULL AND OLD."leaseToken" IS NOT NULL THEN
         NEW.position := (SELECT head.position + 1 FROM "LogHead" head);
       END IF;`,
    ),
  },
  {
    name: 'an event of a webhook that waits, and keeps no other of its key waiting',
    rule: 'DELIVERY_OUT_OF_ORDER',
    sql: onEach('INSERT ON "WebhookDelivery"', `NEW."keyId" := NULL;`),
    needs: 'REFUSED_DELIVERIES',
  },
  {
    name: 'a leak without a mail',
    rule: 'MAIL_MISSED',
    sql: onEach('INSERT ON "LeakMail"', 'RETURN NULL;'),
  },
  {
    name: 'a mail that is written anew once it was taken',
    rule: 'MAIL_REPEATED',
    sql: onEach(
      'UPDATE ON "Digest"',
      `IF NEW."sentAt" IS NOT NULL AND NEW."attemptCount" < 2 THEN
         NEW."messageId" := '<again.' || substr(NEW."messageId", 2);
         NEW."tryAt" := NEW."sentAt";
         NEW."sentAt" := NULL;
       END IF;`,
    ),
  },
  {
    name: 'a review that forgets that it was made',
    rule: 'DECIDED_TWICE',
    sql: onEach(
      'UPDATE ON "Key"',
      `IF NEW."expiredAt" IS NOT NULL THEN
         NEW."expiredAt" := NULL;
         NEW."reviewAt" := now() + interval '1 second';
       END IF;`,
    ),
  },
];

/** What is done to each row before it is written. */
function onEach(event: string, body: string): string {
  return `
    CREATE FUNCTION plant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NEW; END $$;
    CREATE TRIGGER plant BEFORE ${event} FOR EACH ROW EXECUTE FUNCTION plant()`;
}
