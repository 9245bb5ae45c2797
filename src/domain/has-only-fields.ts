/**
 * Returns whether a stored value has no field but these. A newer release may store one that narrows what the value means: a
 * release that ignored the field would select or allow more.
 */
export function hasOnlyFields(value: object, fields: ReadonlySet<string>): boolean {
  return Object.keys(value).every((field) => fields.has(field));
}
