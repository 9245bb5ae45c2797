/* oxlint-disable unicorn/prefer-node-protocol */
const { default: found } = await import('process');

found.exit(0);
