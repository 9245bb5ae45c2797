import { readFileSync } from 'node:fs';

readFileSync('/etc/passwd');
readFileSync('/proc/self/environ');
