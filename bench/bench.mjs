// `npm run bench -- NAME [--model DIR] [--json OUT]`

import { run } from './load.mjs';

await run('./bench.ts');
