// `npm run eval -- SUITE.json [--model mini] [--backend wasm|webgpu] [--json OUT] [--min KIND=0.9 …] [--verbose]`

import { run } from './load.mjs';

await run('./eval.ts');
