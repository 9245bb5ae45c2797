import type { Binding } from '../../prisma/generated/client/client.ts';
import type { Json } from '../domain/event.ts';

/** `Binding.before`: the revision that stays in force until the announced one takes effect. */
export interface PreviousRevision {
  readonly revision: number;
  readonly hash: string;
  readonly config: Json;
  readonly mode: Binding['mode'];
  readonly selector: Json;
  readonly noticeMs: number;
}

/** `Rollout.after`: the revision that a rollout brings, with the name and title of its module. */
export interface NextRevision extends Omit<PreviousRevision, 'revision'> {
  readonly policy: string;
  readonly title: string;
}
