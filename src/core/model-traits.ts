// What a model was trained to read, by its id: things no file of the model says.

export interface ModelTraits {
  /**
   * Whether the model reads earlier turns of a chat behind memory. If not, each question stands alone behind its blocks,
   * and a chat keeps the cache of these blocks.
   */
  readonly readsTurns: boolean;
  /** Whether it cuts rambling notes at the wrong place, so that an answer must carry its note whole: [Note: Quotes] in reflect.ts. */
  readonly cutsNotes: boolean;
  /** Whether its yes or no about a picture, in words, is good enough to check cues by; eyes that answer in numbers are asked instead where there are some. */
  readonly checksInWords: boolean;
}

/** mini is trained on single turns behind memory; no other model was tried on several turns behind linked blocks yet. */
const CAREFUL: ModelTraits = { readsTurns: false, cutsNotes: false, checksInWords: false };

const TRAITS: Readonly<Record<string, ModelTraits>> = { mini: { ...CAREFUL, cutsNotes: true } };

export function traitsOf(modelId: string): ModelTraits {
  return TRAITS[modelId] ?? CAREFUL;
}
