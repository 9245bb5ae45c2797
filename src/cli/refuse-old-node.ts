/** The oldest Node that runs the command: `engines` in package.json. */
const NODE_MAJOR_MIN = 24;

/** EX_CONFIG of `exitStatus`, whose module an old Node cannot load. */
const STATUS = 78;

/**
 * Loads the command, or on an old Node prints one sentence and ends with status 78. This module and the programs that
 * import it use only what Node 14 understands, because an old Node fails at the first import of the others.
 */
export function runUnlessNodeIsOld(load: () => Promise<unknown>): void {
  const { node } = process.versions;
  if (Number(node.split('.')[0]) >= NODE_MAJOR_MIN) {
    void load();
    return;
  }
  process.stderr.write(`keytide: found Node ${node}; expected Node ${NODE_MAJOR_MIN} or later.\n`);
  process.exitCode = STATUS;
}
