import { findSecretForm } from './secret-form.ts';

/** The longest metadata of a key: bytes of its canonical text in UTF-8. */
export const METADATA_MAX = 4096;

/** How deep lists and objects of metadata are nested at most. */
const DEPTH_MAX = 20;

/** The canonical text of metadata that was checked. */
export type Metadata = string & { readonly isMetadata: true };

/**
 * Returns the canonical text of metadata: JSON without white space, with the names of each object sorted. Equal metadata has equal
 * text. Metadata that is not accepted has a problem, which never repeats a value.
 */
export function parseMetadata(value: unknown): { readonly metadata: Metadata } | { readonly problem: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const found = Array.isArray(value) ? 'a list' : typeof value;
    return { problem: `found ${value === null ? 'null' : found}; expected a JSON object` };
  }
  const problem = findProblem(value);
  if (problem !== null) return { problem };
  const text = JSON.stringify(sortNames(value));
  const length = Buffer.byteLength(text);
  return length > METADATA_MAX
    ? { problem: `found ${length} bytes of JSON; expected at most ${METADATA_MAX}` }
    : { metadata: text as Metadata };
}

/** Visits values without recursion, and stops when there are more than an accepted text can hold. */
function findProblem(metadata: object): string | null {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value: metadata, depth: 1 }];
  let count = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    count += 1;
    if (count > METADATA_MAX) return `found more than ${METADATA_MAX} values; expected at most ${METADATA_MAX} bytes`;
    const { value, depth } = next;
    if (typeof value === 'number' && !Number.isFinite(value)) return 'found a number that JSON cannot hold';
    const form = typeof value === 'string' ? findSecretForm(value) : null;
    if (form !== null) return describeSecret(form);
    if (typeof value !== 'object' || value === null) continue;
    if (depth > DEPTH_MAX) return `found values nested deeper than ${DEPTH_MAX} levels`;
    for (const [name, member] of Object.entries(value)) {
      const formOfName = findSecretForm(name);
      if (formOfName !== null) return describeSecret(formOfName);
      waiting.push({ value: member, depth: depth + 1 });
    }
  }
  return null;
}

function describeSecret(form: string): string {
  return `found what looks like ${form}; metadata is not for secrets, because others read it`;
}

function sortNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sortNames(member)]),
  );
}
