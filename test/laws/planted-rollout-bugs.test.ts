import { expect, test } from 'vitest';
import { openRolloutWorld } from '../support/rollout-world.ts';
import { seededBytes } from '../support/seeded-random.ts';
import { examples, runSteps } from './rollout-history.ts';
import { nothingSeen } from './rollout-laws.ts';

/** A bug that a trigger plants in the database, and the history in which the laws must find it. */
interface PlantedBug {
  readonly name: string;
  readonly history: keyof typeof examples;
  /** When the trigger runs, and what it does. */
  readonly on: string;
  readonly body: string;
  /** A part of what the law says. */
  readonly found: RegExp;
}

const bugs: readonly PlantedBug[] = [
  {
    name: 'an objection that is lost',
    history: 'held',
    on: 'BEFORE INSERT ON "RolloutAnswer"',
    body: `IF NEW.kind = 'OBJECT' THEN NEW."repliedAt" := NEW."createdAt"; END IF;`,
    found: /OBJECTIONS/,
  },
  {
    name: 'a stop that comes ten days before its notice is over',
    history: 'undone',
    on: 'BEFORE UPDATE ON "Key"',
    body: `IF NEW."stopsBasis" = 'HARD' AND OLD."stopsBasis" = 'BY_USE' THEN
      NEW."stopsAt" := NEW."stopsAt" - interval '10 days'; NEW."expiresAt" := NEW."stopsAt"; END IF;`,
    found: /to be greater than or equal/,
  },
  {
    name: 'an exception that is granted and not in force',
    history: 'excepted',
    on: 'BEFORE INSERT OR UPDATE ON "RolloutOwner"',
    body: `NEW."exceptUntil" := NULL;`,
    found: /to be greater than or equal/,
  },
  {
    name: 'an undo after which ended keys stay ended',
    history: 'undone',
    on: 'BEFORE UPDATE ON "Key"',
    body: `IF OLD."expiredAt" IS NOT NULL THEN NEW."expiredAt" := OLD."expiredAt"; END IF;`,
    found: /to deeply equal/,
  },
  {
    name: 'a brownout of keys that no manager enrolled',
    history: 'held',
    on: 'AFTER INSERT ON "RolloutAnswer"',
    body: `INSERT INTO "RolloutOwner" ("rolloutId", "ownerId", "takesBrownouts", "enrolledAt")
      SELECT DISTINCT NEW."rolloutId", "accountId", true, NEW."createdAt" FROM "Key"
      WHERE "revokedAt" IS NULL AND "accountId" <> NEW."ownerId"
      ON CONFLICT ("rolloutId", "ownerId") DO UPDATE SET "takesBrownouts" = true, "enrolledAt" = NEW."createdAt";
      UPDATE "Key" SET "reviewAt" = NEW."createdAt" WHERE "revokedAt" IS NULL;`,
    found: /enrolled the notice period ahead/,
  },
];

test.each(bugs)('laws of rollouts find $name', { timeout: 240_000 }, async ({ history, on, body, found }) => {
  const world = await openRolloutWorld(null, { random: seededBytes(2016) });
  await world.prisma.$executeRawUnsafe(
    `CREATE FUNCTION plant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NEW; END $$`,
  );
  await world.prisma.$executeRawUnsafe(`CREATE TRIGGER plant ${on} FOR EACH ROW EXECUTE FUNCTION plant()`);
  await expect(runSteps(world, examples[history], nothingSeen())).rejects.toThrow(found);
});
