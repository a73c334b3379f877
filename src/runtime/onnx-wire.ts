// The little of ONNX's file format (protobuf) that is needed to change a model's nodes and weights: fields in, fields out. What is not
// looked into is copied byte for byte. Field numbers: onnx/onnx.proto.

const VARINT = 0;
const BYTES = 2;

/** One field of a message: its number, where it begins with its key, and where its contents lie. */
export interface Field {
  readonly number: number;
  readonly value: number; // of a varint; else 0
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** The fields of the message that lies in `bytes[from, to)`. Throws RangeError where the bytes are none. */
export function* fieldsOf(bytes: Uint8Array, from = 0, to = bytes.length): Generator<Field> {
  let at = from;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = at < to && scale <= 2 ** 63 ? (bytes[at++] as number) : -1;
      if (byte < 0) throw new RangeError('not a protobuf message');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < to) {
    const start = at;
    const key = varint();
    const [number, wire] = [Math.floor(key / 8), key % 8];
    let value = 0;
    let begin = at;
    if (wire === VARINT) value = varint();
    else if (wire === BYTES) {
      const length = varint();
      begin = at;
      at += length;
    } else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4;
    else throw new RangeError('not a protobuf message');
    if (at > to) throw new RangeError('a protobuf message that ends early');
    yield { number, value, start, from: begin, to: at };
  }
}

export function textOf(bytes: Uint8Array, { from, to }: Field): string {
  return new TextDecoder().decode(bytes.subarray(from, to));
}

/** A part of a message that is to be written, in pieces that are made when they are asked for: weights are never there twice. */
export interface Part {
  readonly length: number;
  pieces(): Iterable<Uint8Array<ArrayBuffer>>; // `length` bytes in all
}

export function copied(bytes: Uint8Array): Part {
  return { length: bytes.length, pieces: () => [bytes.slice()] };
}

export function joined(parts: readonly Part[]): Part {
  return {
    length: parts.reduce((sum, { length }) => sum + length, 0),
    *pieces() {
      for (const part of parts) yield* part.pieces();
    },
  };
}

/** A field that holds bytes, text or a message. */
export function field(number: number, content: Part | string): Part {
  const part = typeof content === 'string' ? copied(new TextEncoder().encode(content)) : content;
  return joined([varintPart(number * 8 + BYTES), varintPart(part.length), part]);
}

export function numberField(number: number, value: number): Part {
  return joined([varintPart(number * 8 + VARINT), varintPart(value)]);
}

function varintPart(value: number): Part {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    if (rest < 128) break;
  }
  return copied(Uint8Array.from(bytes));
}

export function written(part: Part): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(part.length);
  let at = 0;
  for (const piece of part.pieces()) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

export function streamed(part: Part): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = part.pieces()[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const next = pieces.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
}
