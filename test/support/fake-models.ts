// Fakes of VlmPort, EncoderPort and ImagePort that behave like small models: a block really carries its text through storage,
// an answer really comes from the linked blocks, and photos are told apart by their colours.
import { AppError } from '../../src/core/errors';
import { hashParts, hashText } from '../../src/core/hash';
import { shrinkPixels } from '../../src/core/image';
import type { KvBlock } from '../../src/core/kv-block';
import { DONT_KNOW, PROMPT_VERSION } from '../../src/core/prompt';
import { normalise, toFloat16 } from '../../src/core/tensor';
import type { BlockKey, Fingerprint, Pixels, Segment } from '../../src/core/types';
import { contentStems } from '../../src/core/words';
import type { EncoderPort, ImagePort, LookPort, Repair, VlmInfo, VlmPort, VlmSession } from '../../src/pipeline/ports';

// ---------------------------------------------------------------- VLM

export interface FakeVlm extends VlmPort {
  look: LookPort | undefined;
  /** Texts of segments that were really run, in order. */
  readonly encoded: string[];
  /** Tokens the model has read, of blocks and turns. */
  prefilled: number;
  /** Caches that were linked and not disposed of. */
  live: number;
  /** Every turn that was prefilled, with the texts linked before it. */
  readonly turns: { turn: string; linked: string[] }[];
  /** Every repair that was asked for. */
  readonly repairs: Repair[];
  /** Overrides what a turn is answered with. */
  script: ((turn: string, linked: readonly string[]) => string | undefined) | undefined;
  /** Awaited before each block is encoded: tests hold or fail the model here. */
  gate: ((text: string) => Promise<void>) | undefined;
}

export function fakeVlm(fingerprint = 'fake-vlm-1', info: Partial<VlmInfo> = {}): FakeVlm {
  const shape = { layers: 1, kvHeads: 1, headDim: 2 };
  const rope = { theta: 10000, headDim: 2, rotaryDim: 2, layout: 'half' } as const;
  const fake: FakeVlm = {
    info: {
      id: 'fake',
      fingerprint: fingerprint as Fingerprint,
      backend: 'wasm',
      device: 'none',
      kv: shape,
      rope,
      prefixHash: hashText(PROMPT_VERSION),
      prefixTokens: 4,
      maxTokens: 4096,
      rest: 'float16',
      readsTurns: false,
      cutsNotes: false,
      checksInWords: false,
      ...info,
    },
    look: undefined,
    encoded: [],
    prefilled: 0,
    live: 0,
    turns: [],
    repairs: [],
    script: undefined,
    gate: undefined,
    countTokens: (segments) => segments.map(segmentText).join('').length,
    blockKey: (segment) => Promise.resolve(hashParts([fingerprint, ...segmentParts(segment)]) as BlockKey),
    async encodeBlock(segment, signal) {
      const text = segmentText(segment);
      await fake.gate?.(text);
      signal.throwIfAborted();
      fake.encoded.push(text);
      fake.prefilled += text.length;
      const keys = new Uint16Array(text.length * 2);
      for (let i = 0; i < text.length; i++) keys[2 * i] = toFloat16(text.charCodeAt(i)); // exact up to 2048
      const { prefixHash } = fake.info;
      const values = new Uint16Array(text.length * 2);
      return {
        shape,
        rope,
        tokens: text.length,
        model: fake.info.fingerprint,
        prefixHash,
        dtype: 'float16',
        keys,
        values,
      } satisfies KvBlock;
    },
    link(blocks, _signal, repair) {
      if (repair !== undefined) fake.repairs.push(repair);
      return Promise.resolve(openSession(fake, blocks.map(blockText)));
    },
  };
  return fake;
}

function openSession(fake: FakeVlm, linked: string[]): VlmSession {
  fake.live++;
  let turn = ''; // all that stands behind memory, a token a character
  return {
    get tokens() {
      return fake.info.prefixTokens + linked.join('').length + turn.length;
    },
    prefill(segments, signal) {
      signal.throwIfAborted();
      const read = segments.map(segmentText).join('');
      turn += read;
      fake.prefilled += read.length;
      fake.turns.push({ turn, linked });
      return Promise.resolve(new Float32Array(1));
    },
    replace(segments, signal) {
      signal.throwIfAborted();
      const wanted = segments.map(segmentText).join('');
      let kept = 0;
      while (kept < Math.min(wanted.length - 1, turn.length) && wanted[kept] === turn[kept]) kept++;
      turn = wanted;
      fake.prefilled += turn.length - kept;
      fake.turns.push({ turn, linked });
      return Promise.resolve({ logits: new Float32Array(1), kept, prefilled: turn.length - kept });
    },
    async decode(_logits, _sampling, onText, signal) {
      const text = fake.script?.(turn, linked) ?? answerFrom(turn, linked);
      const words = text.split(' ');
      const firstTokenAt = performance.now();
      for (let i = 1; i <= words.length; i++) {
        await Promise.resolve();
        if (signal.aborted) {
          return { text: words.slice(0, i - 1).join(' '), tokens: i - 1, firstTokenAt, finish: 'stopped' };
        }
        onText(words.slice(0, i).join(' '));
      }
      turn += ` ${text}`;
      return { text, tokens: words.length, firstTokenAt, finish: 'end' };
    },
    dispose() {
      fake.live--;
    },
  };
}

/** What mini is trained to do, by rule: the note that shares most words answers; a name in the cue is who it is. */
function answerFrom(turn: string, linked: readonly string[]): string {
  const question = /User: ([\s\S]*)<end_of_utterance>/.exec(turn.slice(turn.lastIndexOf('User: ')))?.[1] ?? '';
  if (question.endsWith('What is this?') && linked.length === 0) return 'A mug.';
  if (question.endsWith('Describe this.')) return 'A red mug with a white handle.';
  const shown = /The photo shows (?!nobody)(.*?)\. /.exec(question)?.[1];
  if (/\bwho\b/i.test(question) && shown !== undefined) return `This is ${shown}.`;
  const asked = new Set(contentStems(question));
  let best = '';
  let most = 0;
  for (const text of linked) {
    const fact = /^Note about (.*?): (.*)\n$/.exec(text);
    if (fact === null) continue;
    const name = new Set(contentStems(fact[1] ?? ''));
    const shared = contentStems(fact[2] ?? '').filter((word) => asked.has(word) && !name.has(word)).length;
    if (shared > most) [best, most] = [fact[2] ?? '', shared];
  }
  return most === 0 ? DONT_KNOW : `${best.replace(/\.$/, '')}.`;
}

function blockText({ keys, tokens }: KvBlock): string {
  const bits = Array.from({ length: tokens }, (_, i) => keys[2 * i] ?? 0);
  return bits.map((value) => String.fromCharCode(widenOne(value))).join('');
}

function widenOne(bits: number): number {
  return (1 + (bits & 0x3ff) / 1024) * 2 ** (((bits >> 10) & 0x1f) - 15);
}

function segmentText(segment: Segment): string {
  return segment.map((part) => (part.kind === 'text' ? part.text : '[image]')).join('');
}

function segmentParts(segment: Segment): (string | Uint8ClampedArray)[] {
  return segment.map((part) => (part.kind === 'text' ? part.text : part.pixels.data));
}

// ---------------------------------------------------------------- encoder

export interface FakeEncoder extends EncoderPort {
  calls: number;
}

const GRID = 8;

/** One feature per cell: its mean colour against grey. Two photos are alike when their colours are. */
export function fakeEncoder(fingerprint = 'fake-encoder-1'): FakeEncoder {
  const fake: FakeEncoder = {
    info: { id: 'fake', fingerprint: fingerprint as Fingerprint, backend: 'wasm' },
    background: { rows: 1, dim: 4, data: new Float32Array([0, 0, 0, 1]) },
    calibration: { globalWeight: 0.2, slope: 30, bias: -25, threshold: 0.5, backgroundSharpness: 8 },
    calls: 0,
    encode(pixels, signal) {
      signal.throwIfAborted();
      fake.calls++;
      const small = shrinkPixels(pixels, GRID, GRID);
      const grid = new Float32Array(GRID * GRID * 4);
      const whole = new Float32Array(4);
      for (let cell = 0; cell < GRID * GRID; cell++) {
        const row = grid.subarray(cell * 4, cell * 4 + 4);
        for (let c = 0; c < 3; c++) row[c] = ((small.data[cell * 4 + c] ?? 0) - 128) / 128;
        row[3] = 0.1;
        normalise(row);
        for (let c = 0; c < 4; c++) whole[c] = (whole[c] ?? 0) + (row[c] ?? 0);
      }
      return Promise.resolve({ gridW: GRID, gridH: GRID, dim: 4, grid, globalDim: 4, global: normalise(whole) });
    },
  };
  return fake;
}

// ---------------------------------------------------------------- images

/** "Files" of the fake: magic, width, height, RGBA. */
export function imageFile(pixels: Pixels): ArrayBuffer {
  const bytes = new Uint8Array(12 + pixels.data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x50495853);
  view.setUint32(4, pixels.widthPx);
  view.setUint32(8, pixels.heightPx);
  bytes.set(pixels.data, 12);
  return bytes.buffer;
}

export const fakeImages: ImagePort = {
  decode(bytes, _mime, maxEdgePx) {
    const view = new DataView(bytes);
    if (bytes.byteLength < 12 || view.getUint32(0) !== 0x50495853) {
      return Promise.reject(new AppError('bad-image', 'This is not a picture that Jarvis can read.'));
    }
    const pixels = {
      widthPx: view.getUint32(4),
      heightPx: view.getUint32(8),
      data: new Uint8ClampedArray(bytes.slice(12)),
    };
    const scale = Math.min(1, maxEdgePx / Math.max(pixels.widthPx, pixels.heightPx));
    if (scale === 1) return Promise.resolve(pixels);
    return Promise.resolve(
      shrinkPixels(pixels, Math.round(pixels.widthPx * scale), Math.round(pixels.heightPx * scale)),
    );
  },
  encode: (pixels) => Promise.resolve({ bytes: imageFile(pixels), mime: 'image/x-fake' }),
};

/** A 64 × 64 picture: a grey ground with rectangles of colour. Boxes in fractions. */
export function picture(
  things: readonly {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
    readonly rgb: readonly [number, number, number];
  }[],
): Pixels {
  const size = 64;
  const data = new Uint8ClampedArray(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const inside = things.findLast(
        (t) => x >= t.x * size && x < (t.x + t.w) * size && y >= t.y * size && y < (t.y + t.h) * size,
      );
      const [r, g, b] = inside?.rgb ?? [128, 128, 128];
      data.set([r, g, b, 255], (y * size + x) * 4);
    }
  }
  return { widthPx: size, heightPx: size, data };
}

export const RED = [220, 30, 30] as const;
export const BLUE = [30, 30, 220] as const;
export const GREEN = [30, 200, 30] as const;
