/** The name from which the types of a mutation are derived. The mutations of operations share theirs. */
export function typeNameOf(mutation: string): string {
  return mutation.endsWith('Operation') ? 'Operation' : mutation.charAt(0).toUpperCase() + mutation.slice(1);
}

/** A mutation with its success selected, and what every failure says. */
export function mutationQuery(mutation: string, selection: string): string {
  const name = typeNameOf(mutation);
  return /* GraphQL */ `
    mutation ($input: ${name}Input!) {
      ${mutation}(input: $input) {
        __typename
        ... on ${name}Success { ${selection} }
        ... on UserError { code message path }
      }
    }`;
}
