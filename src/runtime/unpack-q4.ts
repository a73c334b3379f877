// Four-bit weights unpacked as a model is loaded, for WASM.
//
// [Note: Four bits on WASM] ONNX Runtime's MatMulNBits has no kernel for WASM (onnxruntime-web 1.31): every run, for every token, unpacks all
// weights to float32 and multiplies then. A decode step of SmolVLM-256M's size takes a quarter of a second so, and 25 ms with plain weights.
// So a node becomes a MatMul over weights that are scaled, transposed and kept as float16 behind a Cast, which ONNX Runtime folds when the
// session is made, as it does mini's. The download stays a quarter of float32's, memory while answering is float32's, and what
// float16 rounds is a hundredth of what four bits had rounded. Scaling by ONNX nodes instead (Cast, Mul, Reshape, Transpose) was exact and
// took 3.4 GB: folding keeps every step until the last. Delete when MatMulNBits computes on packed weights in WASM.
import { narrow } from '../core/tensor';
import { copied, field, fieldsOf, joined, numberField, type Field, type Part, textOf } from './onnx-wire';

/** Larger decoders would not fit into the 4 GB of WASM as float32 beside their loading: 500M's (230 MB packed) stays packed. */
const MOST_PACKED_BYTES = 150e6;

// Field numbers of onnx.proto.
const MODEL = { graph: 7 } as const;
const GRAPH = { node: 1, initializer: 5 } as const;
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, i: 3, type: 20 } as const;
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9 } as const;
const FLOAT = 1;
const FLOAT16 = 10;
const KIND_INT = 2; // of an attribute

interface Packed {
  readonly input: string;
  readonly weights: string; // (n, blocks, block / 2) bytes: two numbers each, the lower half first, 8 is zero
  readonly scales: string; // (n, blocks)
  readonly output: string;
  readonly n: number;
  readonly k: number;
  readonly block: number;
}

/** The model with plain weights in place of four-bit ones; undefined where there is nothing to unpack, or too much. */
export function unpackQ4(model: Uint8Array): Part | undefined {
  if (model.length > MOST_PACKED_BYTES) return undefined;
  const graph = [...fieldsOf(model)].find(({ number }) => number === MODEL.graph);
  if (!graph) return undefined;
  const fields = [...fieldsOf(model, graph.from, graph.to)];
  const raw = new Map<string, Field>(); // contents of initialisers, by name
  for (const one of fields) {
    if (one.number !== GRAPH.initializer) continue;
    const parts = [...fieldsOf(model, one.from, one.to)];
    const name = parts.find(({ number }) => number === TENSOR.name);
    const data = parts.find(({ number }) => number === TENSOR.rawData);
    if (name && data) raw.set(textOf(model, name), data);
  }
  const packed = new Map<Field, Packed>();
  for (const one of fields) {
    const node = one.number === GRAPH.node ? readNode(model, one) : undefined;
    if (node && isSound(node, raw)) packed.set(one, node);
  }
  if (packed.size === 0) return undefined;

  const byWeights = new Map([...packed.values()].map((node) => [node.weights, node]));
  const scales = new Set([...packed.values()].map((node) => node.scales));
  const unpacked = new Set<string>(); // weights that two nodes share are cast once
  const parts = fields.flatMap((one): Part[] => {
    const node = packed.get(one);
    if (node) {
      const isFirst = !unpacked.has(node.weights);
      unpacked.add(node.weights);
      return [...(isFirst ? [castNode(node)] : []), matMul(node)];
    }
    const name = one.number === GRAPH.initializer ? (nameOf(model, one) ?? '') : '';
    if (scales.has(name)) return [];
    const owner = byWeights.get(name);
    return [owner ? weightTensor(owner, model, raw) : copied(model.subarray(one.start, one.to))];
  });
  return joined([
    copied(model.subarray(0, graph.start)),
    field(MODEL.graph, joined(parts)),
    copied(model.subarray(graph.to)),
  ]);
}

function readNode(model: Uint8Array, at: Field): Packed | undefined {
  const fields = [...fieldsOf(model, at.from, at.to)];
  const texts = (number: number): string[] =>
    fields.filter((one) => one.number === number).map((one) => textOf(model, one));
  if (texts(NODE.opType)[0] !== 'MatMulNBits') return undefined;
  const numbers = new Map<string, number>();
  for (const one of fields.filter(({ number }) => number === NODE.attribute)) {
    const parts = [...fieldsOf(model, one.from, one.to)];
    const name = parts.find(({ number }) => number === ATTRIBUTE.name);
    const value = parts.find(({ number }) => number === ATTRIBUTE.i);
    if (name && value) numbers.set(textOf(model, name), value.value);
  }
  // A fourth input is zero points, of which symmetric weights have none; a sixth is a bias.
  const [input, weights, scales, ...more] = texts(NODE.input);
  const [output] = texts(NODE.output);
  const [n, k, block] = [numbers.get('N'), numbers.get('K'), numbers.get('block_size')];
  if (numbers.get('bits') !== 4 || !n || !k || !block || k % block !== 0 || more.some((name) => name !== '')) {
    return undefined;
  }
  if (input === undefined || weights === undefined || scales === undefined || output === undefined) return undefined;
  return { input, weights, scales, output, n, k, block };
}

/** Both are kept in the file, in the sizes that the node says: float32 scales (float16 ones belong to q4f16, which WASM never runs). */
function isSound({ weights, scales, n, k, block }: Packed, raw: ReadonlyMap<string, Field>): boolean {
  const size = (name: string): number => {
    const data = raw.get(name);
    return data ? data.to - data.from : 0;
  };
  return size(weights) === (n * k) / 2 && size(scales) === (n * k * 4) / block;
}

function nameOf(model: Uint8Array, tensor: Field): string | undefined {
  const name = [...fieldsOf(model, tensor.from, tensor.to)].find(({ number }) => number === TENSOR.name);
  return name && textOf(model, name);
}

function castNode({ weights }: Packed): Part {
  return node('Cast', [weights], `${weights}/plain`, [attribute('to', KIND_INT, numberField(ATTRIBUTE.i, FLOAT))]);
}

function matMul({ input, weights, output }: Packed): Part {
  return node('MatMul', [input, `${weights}/plain`], output);
}

function node(opType: string, inputs: readonly string[], output: string, attributes: readonly Part[] = []): Part {
  return field(
    GRAPH.node,
    joined([
      ...inputs.map((name) => field(NODE.input, name)),
      field(NODE.output, output),
      field(NODE.name, `${output}/${opType}`),
      field(NODE.opType, opType),
      ...attributes,
    ]),
  );
}

function attribute(name: string, kind: number, value: Part): Part {
  return field(NODE.attribute, joined([field(ATTRIBUTE.name, name), value, numberField(ATTRIBUTE.type, kind)]));
}

/** The weights as float16, (k, n). */
function weightTensor(
  { weights, scales, n, k, block }: Packed,
  model: Uint8Array,
  raw: ReadonlyMap<string, Field>,
): Part {
  const bytesOf = (name: string): Uint8Array => {
    const data = raw.get(name);
    return data ? model.slice(data.from, data.to) : new Uint8Array();
  };
  const data: Part = {
    length: 2 * n * k,
    *pieces() {
      const halves = bytesOf(weights);
      const scale = new Float32Array(bytesOf(scales).buffer); // (n, k / block)
      const row = new Float32Array(n);
      const all = new Uint16Array(n * k);
      const blocks = k / block;
      for (let at = 0; at < k; at++) {
        const shift = at % 2 === 0 ? 0 : 4;
        for (let i = 0; i < n; i++) {
          const byte = halves[(i * k + at) >> 1] as number;
          row[i] = (((byte >> shift) & 15) - 8) * (scale[i * blocks + Math.floor(at / block)] as number);
        }
        narrow(row, all.subarray(at * n, (at + 1) * n));
      }
      yield new Uint8Array(all.buffer);
    },
  };
  return field(
    GRAPH.initializer,
    joined([
      numberField(TENSOR.dims, k),
      numberField(TENSOR.dims, n),
      numberField(TENSOR.dataType, FLOAT16),
      field(TENSOR.name, weights),
      field(TENSOR.rawData, data),
    ]),
  );
}
