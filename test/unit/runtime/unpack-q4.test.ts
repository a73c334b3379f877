// Unpacking rewrites the nodes it understands and nothing else, in any file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { field, fieldsOf, joined, numberField, textOf, written } from '../../../src/runtime/onnx-wire';
import { unpackQ4 } from '../../../src/runtime/unpack-q4';

const tiny = new Uint8Array(readFileSync(join(import.meta.dirname, '../../support/tiny-q4.onnx')));
const GRAPH = 7;

/** Types of the nodes of a model, in their order. */
function nodeTypes(model: Uint8Array): string[] {
  const graph = [...fieldsOf(model)].find(({ number }) => number === GRAPH);
  if (!graph) throw new Error('no graph');
  return [...fieldsOf(model, graph.from, graph.to)]
    .filter(({ number }) => number === 1)
    .map((node) => [...fieldsOf(model, node.from, node.to)].find(({ number }) => number === 4))
    .map((type) => (type ? textOf(model, type) : ''));
}

it('puts a product of unpacked weights where a four-bit one was', () => {
  expect(nodeTypes(tiny)).toEqual(['MatMulNBits', 'Add', 'MatMulNBits']);
  const unpacked = unpackQ4(tiny);
  if (!unpacked) throw new Error('nothing was unpacked');
  expect(nodeTypes(written(unpacked))).toEqual(['Cast', 'MatMul', 'Add', 'Cast', 'MatMul']);
});

it('leaves a model without such nodes, or with weights of another size, as it is', () => {
  const unpacked = unpackQ4(tiny);
  expect(unpacked && unpackQ4(written(unpacked))).toBeUndefined();
  expect(unpacked).toBeDefined();
  const mini = readFileSync(join(import.meta.dirname, '../../../public/models/mini/onnx/embed_tokens.onnx'));
  expect(unpackQ4(new Uint8Array(mini))).toBeUndefined();
});

it('reads what it writes, numbers of any size among it', () => {
  const texts = fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.string()), { maxLength: 8 });
  fc.assert(
    fc.property(texts, fc.maxSafeNat(), (fields, value) => {
      const bytes = written(joined([...fields.map(([number, text]) => field(number, text)), numberField(9, value)]));
      const read = [...fieldsOf(bytes)];
      expect(read.slice(0, -1).map((one) => [one.number, textOf(bytes, one)])).toEqual(fields);
      expect(read.at(-1)).toMatchObject({ number: 9, value });
      expect(read.reduce((sum, { start, to }) => sum + to - start, 0)).toBe(bytes.length);
    }),
  );
});

it('refuses what is no protobuf, and ends', () => {
  expect(() => [...fieldsOf(Uint8Array.of(0x0a, 0xff, 0xff))]).toThrow(RangeError);
  expect(() => [...fieldsOf(new Uint8Array(20).fill(0xff))]).toThrow(RangeError);
});
