import { nearestName } from '../../domain/nearest-name.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import { readLabels } from '../key-list/read-pairs.ts';
import { readDuration } from '../read-duration.ts';
import { readInstant } from '../read-instant.ts';

/** What `keytide change` can do, by the name of its argument. */
export const CHANGES = ['hold', 'resume', 'revoke', 'renew', 'ask-rotation', 'label', 'transfer'] as const;

/** The conditions of `--where`: what each becomes in the filter of keys. */
const conditions: Readonly<Record<string, (value: string, now: Date) => object>> = {
  owner: (owner) => ({ owner }),
  subject: (subject) => ({ subject }),
  'issued-by': (issuedBy) => ({ issuedBy }),
  parent: (parent) => ({ parent }),
  'token-rule': (tokenRule) => ({ tokenRule }),
  'used-by': (usedBy) => ({ usedBy }),
  search: (search) => ({ search }),
  state: (value) => ({ states: value.split(',').map((state) => state.toUpperCase()) }),
  exchanged: (value) => ({ exchanged: readBoolean('exchanged', value) }),
  'issued-after': (value) => ({ issuedAfter: readInstant('--where issued-after', value) }),
  'issued-before': (value) => ({ issuedBefore: readInstant('--where issued-before', value) }),
  'never-used': (value) => ({ neverUsed: readBoolean('never-used', value) }),
  'unused-for': (value, now) => ({ unusedSince: before(now, readDuration('--where unused-for', value)) }),
  'stops-within': (value, now) => ({ stopsBefore: before(now, -readDuration('--where stops-within', value)) }),
};

/** The beginnings of conditions, for the completion of a shell. */
export const CONDITION_WORDS = [...Object.keys(conditions).map((name) => `${name}=`), 'label.'];

/** The names of the conditions, for the help. */
export const CONDITION_NAMES = [...Object.keys(conditions), 'label.<name>'].join(', ');

/**
 * Returns the filter of keys that the conditions of `--where` describe: `owner=organization_…`, `label.team=payments`.
 *
 * @throws CommandError USAGE for an unknown, malformed or repeated condition.
 */
export function readConditions(texts: readonly string[], now: Date): Readonly<Record<string, unknown>> {
  const labels: string[] = [];
  const names = new Set<string>();
  let filter: Readonly<Record<string, unknown>> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const [name, value] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
    if (names.has(name)) throw usage(`found ${name} twice; expected each condition once.`);
    names.add(name);
    if (name.startsWith('label.')) labels.push(`${name.slice('label.'.length)}=${value}`);
    else {
      const read = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
      if (read === undefined) {
        const nearest = nearestName(at < 0 ? text : name, Object.keys(conditions));
        const found = `found ${JSON.stringify(text)}${nearest === null ? '' : `; did you mean ${nearest}=…?`}`;
        const separator = nearest === null ? '; expected' : ' Expected';
        throw usage(`${found}${separator} name=value with one of these names: ${CONDITION_NAMES}.`);
      }
      filter = { ...filter, ...read(value, now) };
    }
  }
  return labels.length === 0 ? filter : { ...filter, labels: readLabels(labels) };
}

function usage(problem: string): CommandError {
  return new CommandError(exitStatus.USAGE, `--where: ${problem}`);
}

function readBoolean(name: string, value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw usage(`${name}: found ${JSON.stringify(value)}; expected true or false.`);
}

function before(now: Date, ms: number): string {
  return new Date(now.getTime() - ms).toISOString();
}
