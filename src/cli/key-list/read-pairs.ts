import { CommandError, exitStatus } from '../exit-status.ts';

/** Parses labels of the form name=value. @throws CommandError USAGE if one has another form. */
export function readLabels(texts: readonly string[]): { readonly name: string; readonly value: string }[] {
  return texts.map((text) => {
    const [name, value] = readPair('--label', text, 'repo=core');
    return { name, value };
  });
}

/** Parses scopes of the form action=resource. @throws CommandError USAGE if one has another form. */
export function readScopes(texts: readonly string[]): { readonly action: string; readonly resource: string }[] {
  return texts.map((text) => {
    const [action, resource] = readPair('--scope', text, 'package:push=Acme.*');
    return { action, resource };
  });
}

/** Splits at the first equals sign: names of labels and actions have none. */
function readPair(option: string, text: string, example: string): [string, string] {
  const separator = text.indexOf('=');
  if (separator > 0) return [text.slice(0, separator), text.slice(separator + 1)];
  throw new CommandError(
    exitStatus.USAGE,
    `${option}: found ${JSON.stringify(text)}; expected a text such as ${example}.`,
  );
}
