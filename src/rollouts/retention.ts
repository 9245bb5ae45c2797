import { retainForEver, type RetentionByTable } from '../store/retention-rule.ts';

export const rolloutRetention = {
  Rollout: retainForEver('It says why the keys of its realm stop, and which stages it had.'),
  RolloutOwner: retainForEver('The cohorts of a rollout, and the exceptions that outlive it.'),
  RolloutKey: retainForEver('The cohorts of a rollout, and the exceptions that outlive it.'),
  RolloutAnswer: retainForEver('What owners answered to a rollout, and what administrators replied.'),
  RolloutException: retainForEver('It says why a key did not follow its rollout, and until when.'),
} satisfies RetentionByTable;
