// @ts-check

import { appendFileSync } from 'node:fs';

/** An error that ends the step, with one sentence for the log. */
export class StepError extends Error {}

/**
 * Returns an input of the step, as GitHub passes it (docs.github.com, "Metadata syntax", inputs); empty: it is not set.
 *
 * @param {string} name
 */
export function readInput(name) {
  return (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

/**
 * Returns a required input.
 *
 * @param {string} name
 * @throws {StepError} if it is not set
 */
export function requireInput(name) {
  const value = readInput(name);
  if (value === '') throw new StepError(`The input ${name} is required.`);
  return value;
}

/**
 * Masks a text in all later lines of the log. Nothing else may print a secret.
 *
 * @param {string} text
 */
export function mask(text) {
  writeCommand('add-mask', text);
}

/**
 * Adds an annotation to the step.
 *
 * @param {'error' | 'warning'} level
 * @param {string} sentence
 */
export function annotate(level, sentence) {
  writeCommand(level, sentence);
}

/**
 * Sets an output of the step, or an environment variable of later steps.
 *
 * @param {'GITHUB_OUTPUT' | 'GITHUB_ENV'} file
 * @param {string} name
 * @param {string} value
 * @throws {StepError} if the value has a line break, which could set other variables
 */
export function writeVariable(file, name, value) {
  if (/[\r\n]/.test(value)) throw new StepError(`The value of ${name} has more than one line.`);
  appendFileSync(process.env[file] ?? '', `${name}=${value}\n`);
}

/**
 * Writes a workflow command, escaped so that no text can start a command of its own (docs.github.com, "Workflow
 * commands").
 *
 * @param {string} command
 * @param {string} text
 */
function writeCommand(command, text) {
  const escaped = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::${command}::${escaped}\n`);
}
