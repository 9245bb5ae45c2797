import { printReport } from '../../policies/check/print-report.ts';
import { runInThread } from '../../policies/check/run-in-thread.ts';
import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';

/**
 * Checks whether a policy module fulfils the contract, with the given configurations, or else with {} and the examples
 * of its schema. The module runs in a thread with the command's own permissions.
 *
 * With `--json`: `{ policy, findings: [{ check, first, count }], keyCount, status }`; policy is null if the module is
 * not a policy; keyCount is null if the module could not be evaluated.
 */
export const checkPolicyCommand: Command = {
  declare(parser) {
    parser
      .argument('<module>', 'file or folder of the policy')
      .option('--config <json>', 'configuration to check it with; repeatable', appendValue)
      .option('--json', 'print the result as JSON');
  },
  async run({ output }, { arguments: [path], options }) {
    const texts = (options['config'] ?? []) as readonly string[];
    const report = await runInThread({ path: path as string, configurations: texts.map(readConfig) });
    const { policy, findings, examined } = report;
    const status = findings.length === 0 ? exitStatus.OK : exitStatus.DATA;
    output.json({ policy, findings, keyCount: examined?.keyCount ?? null, status });
    output.line(printReport(path as string, report));
    return status;
  },
};

function appendValue(text: string, values: readonly string[] = []): readonly string[] {
  return [...values, text];
}

function readConfig(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(exitStatus.USAGE, `--config: found ${JSON.stringify(text)}; expected JSON.`);
  }
}
