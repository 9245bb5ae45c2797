import type { Binding } from '../../prisma/generated/client/client.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { formatDuration } from '../domain/duration.ts';
import type { Json } from '../domain/event.ts';
import { pickChanged } from '../domain/pick-changed.ts';
import type { PreviousRevision } from './stored-revision.ts';

/** The settings of a revision, as a row or as `Binding.before` stores them. */
type RevisionSettings = Omit<PreviousRevision, 'revision' | 'noticeMs'> & { readonly noticeMs: number | bigint };

/** Returns the settings of the revision in a binding's row. */
export function bindingSettings({ hash, mode, config, selector, noticeMs }: Binding): RevisionSettings {
  return { hash, mode, config: config as Json, selector: selector as Json, noticeMs };
}

/** Returns which settings of a binding a new revision changes, with their values before and after, for its event. */
export function bindingChanges(before: RevisionSettings, after: RevisionSettings) {
  const old = toEventSettings(before);
  const next = toEventSettings(after);
  const names = ['hash', 'mode', 'config', 'selector', 'noticePeriod'] as const;
  const changed = names.filter((name) => canonicalJson(old[name]) !== canonicalJson(next[name]));
  return { changed, ...pickChanged(changed, old, next) };
}

function toEventSettings({ hash, mode, config, selector, noticeMs }: RevisionSettings) {
  return { hash, mode, config, selector, noticePeriod: formatDuration(Number(noticeMs)) };
}
