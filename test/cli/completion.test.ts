import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandTable } from '../../src/cli/all-commands.ts';
import { runCommand } from '../support/command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const names = commandTable.map(({ name }) => name);

const writeScript = async (shell: string) => {
  const run = await runCommand(['completion', shell], { home: scratchFolder() });
  expect([run.status, run.stderr]).toEqual([0, '']);
  return run.stdout;
};

/** Returns the completions of bash for the given words. */
function completeWords(script: string, ...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(keytide ${line}); COMP_CWORD=${words.length}; _keytide; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-c', `${script}\n${ask}`], { cwd: scratchFolder(), encoding: 'utf8' });
  return out.split('\n').filter((word) => word !== '');
}

test('completion: bash completes every command and its options', async () => {
  const script = await writeScript('bash');
  expect(completeWords(script, '')).toEqual(['help', ...names]);
  expect(completeWords(script, 'lo')).toEqual(['login', 'logout']);
  expect(completeWords(script, 'login', '--')).toEqual(['--url', '--with-token', '--name', '--json', '--help']);
  expect(completeWords(script, 'check', '--w')).toEqual(['--warn']);
  expect(completeWords(script, 'completion', '')).toEqual(['bash', 'zsh', 'fish', '--help']);
});

test('completion: the scripts for zsh and fish have every command and option', async () => {
  for (const shell of ['zsh', 'fish']) {
    const script = await writeScript(shell);
    for (const name of names) expect(script).toContain(name);
    expect(script).toContain('with-token');
    expect(script).toContain('--help'.slice(shell === 'fish' ? 2 : 0));
    // If the shell is installed, it parses the script.
    const found = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    if (found.error === undefined) expect([shell, found.status, found.stderr]).toEqual([shell, 0, '']);
  }
});

test('completion: another shell is refused with the list of shells', async () => {
  const { status, stderr } = await runCommand(['completion', 'tcsh'], { home: scratchFolder() });
  expect([status, stderr]).toEqual([64, expect.stringContaining('Allowed choices are bash, zsh, fish')]);
});
