// The browser's built-in model, by the Prompt API (`LanguageModel`): in Chrome and Edge, where the machine holds one. Only a page can ask
// it. Types are those of https://webmachinelearning.github.io/prompt-api/, as far as used; TypeScript's own library has none yet.

import { AppError } from '../core/errors';
import type { LargeMessage, LargeRequest } from '../core/large';
import type { LargeModel } from '../pipeline/large-model';

type Content = string | ({ type: 'text'; value: string } | { type: 'image'; value: Blob })[];
interface Prompt {
  readonly role: LargeMessage['role'];
  readonly content: Content;
}
interface Session {
  promptStreaming(prompt: readonly Prompt[], options: { signal: AbortSignal }): ReadableStream<string>;
  destroy(): void;
}
interface CreateOptions {
  readonly expectedInputs: readonly { type: 'text' | 'image'; languages?: string[] }[];
  readonly expectedOutputs: readonly { type: 'text'; languages: string[] }[];
  readonly initialPrompts?: readonly Prompt[];
  readonly signal?: AbortSignal;
}
interface LanguageModelApi {
  availability(options: CreateOptions): Promise<'unavailable' | 'downloadable' | 'downloading' | 'available'>;
  create(options: CreateOptions): Promise<Session>;
}

const WANTED: Pick<CreateOptions, 'expectedInputs' | 'expectedOutputs'> = {
  expectedInputs: [{ type: 'text', languages: ['en'] }, { type: 'image' }],
  expectedOutputs: [{ type: 'text', languages: ['en'] }],
};

function api(): LanguageModelApi | undefined {
  return (globalThis as { LanguageModel?: LanguageModelApi }).LanguageModel;
}

/** Whether this browser has a model of its own that reads pictures: then, and only then, it is offered. */
export async function hasBuiltIn(): Promise<boolean> {
  try {
    return ((await api()?.availability(WANTED)) ?? 'unavailable') !== 'unavailable';
  } catch (error) {
    console.info('the browser’s own model cannot be asked about', error);
    return false;
  }
}

/** undefined where the browser has no such API. The model may still have to be downloaded, by the browser, when it is first asked. */
export function builtInModel(): LargeModel | undefined {
  const model = api();
  if (model === undefined) return undefined;
  return {
    model: 'the browser’s model',
    to: 'this browser’s own model',
    leaves: false,
    isOurs: false,
    complete: (request, onText, signal) => complete(model, request, onText, signal),
  };
}

async function complete(
  model: LanguageModelApi,
  { messages }: LargeRequest,
  onText: (text: string) => void,
  signal: AbortSignal,
): ReturnType<LargeModel['complete']> {
  const prompts = messages.map(promptOf);
  const asked = prompts.filter(({ role }) => role !== 'system');
  const system = prompts.filter(({ role }) => role === 'system');
  let session: Session | undefined;
  try {
    session = await model.create({ ...WANTED, initialPrompts: system, signal });
    let text = '';
    const reader = session.promptStreaming(asked, { signal }).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += value;
      onText(text);
    }
    const letters = messages.reduce((sum, message) => sum + message.text.length, 0);
    return { text, tokensIn: Math.ceil(letters / 4), tokensOut: Math.ceil(text.length / 4), counted: false };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new AppError('large-model', sentenceOf(error), { cause: error });
  } finally {
    session?.destroy();
  }
}

function sentenceOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotSupportedError')
    return 'This browser’s model does not read pictures or this language. Choose another in Settings.';
  if (name === 'QuotaExceededError') return 'The question is too long for this browser’s model. Ask in a new chat.';
  return 'This browser’s own model did not answer. It may still be downloading: try again later.';
}

function promptOf({ role, text, pictures }: LargeMessage): Prompt {
  if (pictures.length === 0) return { role, content: text };
  return {
    role,
    content: [
      ...pictures.map(({ bytes, mime }) => ({ type: 'image' as const, value: new Blob([bytes], { type: mime }) })),
      { type: 'text', value: text },
    ],
  };
}
