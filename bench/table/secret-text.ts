/** The text of a secret by its number. It only has to be what its digest was made of. */
export function secretText(number: number): string {
  return `kt_bench${number}`;
}
