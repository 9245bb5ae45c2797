/** A mutation with its success selected, and what every failure says. */
export function mutationQuery(mutation: string, selection: string): string {
  const name = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  return /* GraphQL */ `
    mutation ($input: ${name}Input!) {
      ${mutation}(input: $input) {
        __typename
        ... on ${name}Success { ${selection} }
        ... on UserError { code message path }
      }
    }`;
}
