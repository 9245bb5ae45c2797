/** Returns enum values with their descriptions, in the form that `builder.enumType` takes. */
export function describeValues<Name extends string>(descriptions: Readonly<Record<Name, string>>) {
  return Object.fromEntries(Object.entries(descriptions).map(([name, description]) => [name, { description }])) as {
    readonly [Value in Name]: { readonly description: string };
  };
}
