// Questions that only want to know who a photo shows, how a name is said, and two questions in one.
import { describe, expect, it } from 'vitest';
import { spokenName } from '../../../src/core/names';
import { asksIdentity } from '../../../src/core/question-kind';

describe('identity', () => {
  it.each([
    'Who is this?',
    "what's this",
    'Who is this fellow?',
    'Which dog is this?',
    'Which two are these?',
    'What is in this photo?',
    'Do you recognise this?',
    'Hey Jarvis, who do you see in this picture?',
    'Whose mug is this?',
    'What is its name?',
  ])('%s asks for it', (question) => expect(asksIdentity(question)).toBe(true));

  it.each([
    'What is this made of?',
    'What colour is this?',
    'What kind of thing is this?',
    'Who gave me this?',
    'Where does this dog sleep?',
    'What is this dog afraid of?',
    'Is this Bo?',
  ])('%s does not', (question) => expect(asksIdentity(question)).toBe(false));
});

it.each([
  ['Bo', 'Bo'],
  ['my bike', 'your bike'],
  ['hall lamp', 'the hall lamp'],
  ["dad's mug", "dad's mug"],
  ['the cabin', 'the cabin'],
])('%s is said as %s', (name, said) => expect(spokenName(name)).toBe(said));
