import type { BindingVerdict, StoredVerdicts } from './verdict-shapes.ts';

/** Whether two lists say the same of a key, whenever the policies were evaluated. */
export function areSameVerdicts(one: StoredVerdicts, other: StoredVerdicts): boolean {
  return one === other || (one.length === other.length && one.every((verdict, index) => isSame(verdict, other[index])));
}

function isSame(one: BindingVerdict, other: BindingVerdict | undefined): boolean {
  if (one === other) return true;
  if (other === undefined || isNever(one) !== isNever(other)) return false;
  return isSameJson({ ...one, at: 0 }, { ...other, at: 0 });
}

/** Whether the policy was never evaluated for the key: the verdict is the last bounds of its binding. */
function isNever({ at }: BindingVerdict): boolean {
  return at === 0;
}

/** Whether two values of JSON are equal. The order of members does not matter. */
function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  const [a, b] = [one as Readonly<Record<string, unknown>>, other as Readonly<Record<string, unknown>>];
  return names.every((name) => name in b && isSameJson(a[name], b[name]));
}
