import type { Scope } from '../domain/scope.ts';
import type { LabelInput } from './check-labels.ts';

/** The fields whose values the event has before and after the change: descriptions and metadata stay out of the log. */
interface RecordedFields {
  readonly name: string;
  readonly labels: readonly LabelInput[];
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | null;
  readonly allowedAddresses: readonly string[];
}

/** Returns the values of fields as an event of an update has them. */
export function toEventFields({ name, labels, scopes, expiresAt, allowedAddresses }: RecordedFields) {
  return {
    name,
    labels: labels.map((label) => ({ name: label.name, value: label.value })).sort(byName),
    scopes: scopes.map(({ action, resource }) => ({ action, resource })),
    expiresAt: expiresAt?.toISOString() ?? null,
    allowedAddresses,
  };
}

function byName(a: LabelInput, b: LabelInput): number {
  return a.name < b.name ? -1 : 1;
}
