// @ts-check

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { writeVariable, mask, requireInput, annotate, readInput, StepError } from './job.mjs';

/** EX_TEMPFAIL of sysexits.h: a temporary failure. The next run tries again. */
const TEMPORARY = 75;
/** The environment variable with the token for the places. */
const TOKEN_VARIABLE = 'KEYTIDE_DEPLOY_TOKEN';

/** Registers the stored key, unless the folder has it from an earlier run, and renews it if it is due. */
export function renew() {
  const name = requireInput('name');
  const env = buildEnvironment();
  const { keys = [] } = parseOutput(runKeytide(['keep', '--json'], env));
  const isRegistered = keys.some((/** @type {{ name: string }} */ key) => key.name === name);
  const problem = isRegistered ? null : register(name, env);
  if (problem !== null) return annotate('warning', `${name}: ${problem}`);
  const result = runKeytide(['renew', name, '--json'], env);
  const [{ outcome = '', message = '', stopsAt = null, warnings = [] } = {}] = parseOutput(result).keys ?? [];
  writeVariable('GITHUB_OUTPUT', 'outcome', outcome);
  writeVariable('GITHUB_OUTPUT', 'stops-at', stopsAt ?? '');
  for (const warning of warnings) annotate('warning', `${name}: ${warning.message}`);
  const sentence = `${name}: ${outcome} ${message}`.trim().replaceAll(/\s+/g, ' ');
  if (result.status === TEMPORARY) return annotate('warning', sentence);
  if (result.status !== 0) throw new StepError(sentence);
  process.stdout.write(`${sentence}\n`);
}

/**
 * Registers the key. Returns null, or the reason of a temporary failure, after which the next run tries again.
 *
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 */
function register(name, env) {
  const secret = requireInput('secret');
  mask(secret);
  const places = readInput('deploy').split('\n').flatMap(splitPlace);
  const words = ['keep', name, '--url', requireInput('url'), '--grace-period', readInput('grace-period') || 'P7D'];
  if (places.length > 0) words.push('--deploy', ...places);
  const { status, stderr } = runKeytide(words, env, `${secret}\n`);
  const sentence = `The key could not be registered. ${stderr.trim()}`;
  if (status === TEMPORARY) return sentence.replaceAll(/\s+/g, ' ');
  if (status !== 0) throw new StepError(sentence);
  return null;
}

/**
 * Splits a line into the words of a place. Places of GitHub get the token of the step, unless they name one.
 *
 * @param {string} line
 */
function splitPlace(line) {
  const words = line.trim().split(/\s+/).filter(Boolean);
  const hasToken = words.some((word) => /^token(Variable|File)=/.test(word));
  return words[0] === 'github' && !hasToken ? [...words, `tokenVariable=${TOKEN_VARIABLE}`] : words;
}

/**
 * Returns the environment of the command: its folders and the token, but none of the inputs, because the secret is one
 * of them.
 */
function buildEnvironment() {
  const folder = readInput('folder') || mkdtempSync(join(requireVariable('RUNNER_TEMP'), 'keytide-'));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const token = readInput('token');
  if (token !== '') mask(token);
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('INPUT_'));
  return {
    ...Object.fromEntries(inherited),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    ...(token !== '' && { [TOKEN_VARIABLE]: token }),
  };
}

/** @param {string} name */
function requireVariable(name) {
  const value = process.env[name];
  if (!value) throw new StepError(`The environment variable ${name} is not set: this is not a job of GitHub Actions.`);
  return value;
}

/**
 * @param {readonly string[]} words
 * @param {NodeJS.ProcessEnv} env
 * @param {string} input
 */
function runKeytide(words, env, input = '') {
  const [file = '', ...first] = (readInput('command') || 'keytide').split(/\s+/);
  const result = spawnSync(file, [...first, ...words], { env, input, encoding: 'utf8' });
  if (result.error) throw new StepError(`${file} cannot be started: install the keytide command before this step.`);
  return result;
}

/** @param {{ stdout: string, stderr: string }} ended */
function parseOutput({ stdout, stderr }) {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new StepError(stderr.trim() || 'The keytide command printed no JSON.');
  }
}
