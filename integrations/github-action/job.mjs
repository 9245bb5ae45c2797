// @ts-check

import { appendFileSync } from 'node:fs';

/** What ends the step: one sentence for whoever reads the log. */
export class StepError extends Error {}

/**
 * An input of the step, as GitHub hands it over (docs.github.com, "Metadata syntax", inputs); empty: it is not given.
 *
 * @param {string} name
 */
export function readInput(name) {
  return (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

/**
 * An input that has to be given.
 *
 * @param {string} name
 * @throws {StepError} when it is not
 */
export function needInput(name) {
  const value = readInput(name);
  if (value === '') throw new StepError(`The input ${name} is not given.`);
  return value;
}

/**
 * Has every later line of the log show *** in place of a text. Nothing else may print one.
 *
 * @param {string} text
 */
export function mask(text) {
  tell('add-mask', text);
}

/**
 * @param {'error' | 'warning'} level
 * @param {string} sentence
 */
export function note(level, sentence) {
  tell(level, sentence);
}

/**
 * Gives later steps an output, or a variable of their environment.
 *
 * @param {'GITHUB_OUTPUT' | 'GITHUB_ENV'} file
 * @param {string} name
 * @param {string} value
 * @throws {StepError} when the value would say more than itself
 */
export function give(file, name, value) {
  if (/[\r\n]/.test(value)) throw new StepError(`What ${name} is to be has more than one line.`);
  appendFileSync(process.env[file] ?? '', `${name}=${value}\n`);
}

/**
 * Escaped as the runner reads it (docs.github.com, "Workflow commands"), so that no text begins a command of its own.
 *
 * @param {string} command
 * @param {string} text
 */
function tell(command, text) {
  const escaped = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::${command}::${escaped}\n`);
}
