import { CommandError, exitStatus } from '../exit-status.ts';

/** Labels as they are typed, name=value. @throws CommandError USAGE for what is none. */
export function readLabels(texts: readonly string[]): { readonly name: string; readonly value: string }[] {
  return texts.map((text) => {
    const [name, value] = readPair('--label', text, 'repo=core');
    return { name, value };
  });
}

/** Scopes as they are typed, action=resource. @throws CommandError USAGE for what is none. */
export function readScopes(texts: readonly string[]): { readonly action: string; readonly resource: string }[] {
  return texts.map((text) => {
    const [action, resource] = readPair('--scope', text, 'package:push=Acme.*');
    return { action, resource };
  });
}

/** No name of a label and no action has an equals sign: the first one parts them. */
function readPair(option: string, text: string, example: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new CommandError(exitStatus.USAGE, `${option}: found ${JSON.stringify(text)}; write it as ${example}.`);
}
