#!/usr/bin/env node
import { runUnlessNodeIsOld } from './refuse-old-node.ts';

// The program of the package `keytide`.
runUnlessNodeIsOld(() => import('./main.ts'));
