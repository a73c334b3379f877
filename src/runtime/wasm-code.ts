// Just enough of an assembler to write a WebAssembly module of small SIMD loops in TypeScript: no compiler, no binary in git.
// Opcodes: WebAssembly core specification 2.0, chapter 5.

/** Instructions or any other part of a module, as bytes. */
export type Code = readonly number[];

export const get = (local: number): Code => [0x20, local];
export const set = (local: number): Code => [0x21, local];
export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const ADD: Code = [0x6a];

/** Adds a constant to a local. */
export const advance = (local: number, by: number): Code => [...get(local), ...i32(by), ...ADD, ...set(local)];

const vector = (opcode: number, ...immediate: number[]): Code => [0xfd, ...unsigned(opcode), ...immediate];
const at = (opcode: number, offset: number): Code => vector(opcode, 0, ...unsigned(offset));
const floats = (value: number): Code => vector(12, ...repeated(new Uint8Array(Float32Array.of(value).buffer)));
const ints = (value: number): Code => vector(12, ...repeated(new Uint8Array(Int32Array.of(value).buffer)));

/** Each takes an address from the stack; `offset` in bytes. */
export const loadFloats = (offset = 0): Code => at(0, offset); // four
export const loadSame = (offset = 0): Code => at(9, offset); // one, four times
export const storeFloats = (offset = 0): Code => at(11, offset); // takes the four floats too
/** Four bytes as floats. Reads eight. */
export const loadBytes = (offset = 0): Code => [...at(2, offset), ...vector(169), ...vector(251)];

export const TIMES: Code = vector(230);
export const MINUS: Code = vector(229);
export const PLUS: Code = vector(228);

/**
 * Four float16 as floats, through `scratch`: exponent and fraction are moved to where float32 has them, which is the number times
 * 2^-112, also for a subnormal; the sign goes back on top. Not for infinities: none are stored.
 */
export function loadHalves(offset: number, scratch: number): Code {
  const size = [
    ...get(scratch),
    ...ints(0x7fff),
    ...vector(78),
    ...i32(13),
    ...vector(171),
    ...floats(2 ** 112),
    ...TIMES,
  ];
  const sign = [...get(scratch), ...ints(0x8000), ...vector(78), ...i32(16), ...vector(171)];
  return [...at(4, offset), ...set(scratch), ...size, ...sign, ...vector(80)];
}

/** Runs `body` while `counter` (a local that begins at what it holds) has not come down to 0; takes `step` off it each time. */
export function countDown(counter: number, step: number, body: Code): Code {
  const next = [...get(counter), ...i32(-step), ...ADD, 0x22, counter]; // local.tee
  return [0x03, 0x40, ...body, ...next, 0x0d, 0, 0x0b]; // loop … br_if 0 end
}

export interface Routine {
  readonly name: string;
  readonly parameters: number; // all i32: addresses and counts
  readonly vectors: number; // locals behind the parameters
  readonly body: Code;
}

/** A module that imports `env.memory` and exports the routines. */
export function moduleOf(routines: readonly Routine[]): Uint8Array<ArrayBuffer> {
  const types = routines.map(({ parameters }) => [0x60, ...list(Array.from({ length: parameters }, () => [0x7f])), 0]);
  const exports = routines.map(({ name }, index) => [...text(name), 0, index]);
  const bodies = routines.map(({ vectors, body }) => sized([...list([[...unsigned(vectors), 0x7b]]), ...body, 0x0b]));
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...text('env'), ...text('memory'), 2, 0, 1]])),
    ...section(3, list(routines.map((_, index) => [index]))),
    ...section(7, list(exports)),
    ...section(10, list(bodies)),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...sized(content)];
}

function sized(content: Code): Code {
  return [...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(ascii: string): Code {
  return sized(Array.from(ascii, (char) => char.charCodeAt(0)));
}

function repeated(lane: Uint8Array): number[] {
  return [...lane, ...lane, ...lane, ...lane];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const low = value & 127;
  const rest = value >> 7;
  const done = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
  return done ? [low] : [low | 128, ...signed(rest)];
}
