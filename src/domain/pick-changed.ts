/** Returns the changed fields before and after a change, for the data of its event. Other names are left out. */
export function pickChanged<Values extends object>(
  changed: readonly string[],
  before: Values,
  after: Values,
): { readonly before: Partial<Values>; readonly after: Partial<Values> } {
  const pick = (values: Values) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => changed.includes(name))) as Partial<Values>;
  return { before: pick(before), after: pick(after) };
}
