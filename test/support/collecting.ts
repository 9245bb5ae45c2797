// Loaded into a node before all else (node --import): collects garbage each second, so that the size of its heap is soon what
// it holds.

import { collectGarbage } from './collect-garbage.ts';

setInterval(() => void collectGarbage(), 1000).unref();
