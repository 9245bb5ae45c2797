import { execSync } from 'node:child_process';

execSync('true');
