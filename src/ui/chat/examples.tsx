// What could be asked: who is remembered, and questions that come with the sample concepts.

import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import type { Sample } from '../../client/samples';
import type { MemorySnapshot } from '../../rpc/protocol';
import { MemoryPhoto } from '../photo/memory-photo';
import { hrefOf } from '../router';
import { askHere } from './ask-here';
import { count } from '../format';

const MAX_FACES = 8;
const MAX_CHIPS = 4;

interface Chip {
  readonly text: string;
  readonly photo?: string | undefined; // a sample's file name
}

export function Examples({ memory }: { memory: MemorySnapshot | undefined }) {
  const names = (memory?.concepts ?? []).map((view) => view.concept.name);
  const chips = useChips(names.join('\n'));
  if (!memory) return <p className="quiet">Opening memory…</p>;
  const busy = memory.concepts
    .flatMap((view) => view.jobs)
    .filter(({ status }) => status === 'waiting' || status === 'running');
  return (
    <div className="examples">
      <h1>What would you like to know?</h1>
      <ul className="faces">
        {memory.concepts.slice(0, MAX_FACES).map(({ concept, photos }) => (
          <li key={concept.id}>
            <a href={hrefOf({ place: 'memory', conceptId: concept.id })}>
              {photos[0] ? <MemoryPhoto square photo={photos[0]} alt="" /> : <span className="photo-frame blank" />}
              {concept.name}
            </a>
          </li>
        ))}
      </ul>
      {busy.length > 0 && <p className="quiet">Looking at {count(busy.length, 'photo')}. You can ask already.</p>}
      {chips.length > 0 && (
        <ul className="chips" aria-label="Example questions">
          {chips.map((chip) => (
            <li key={chip.text + (chip.photo ?? '')}>
              <ChipButton chip={chip} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function ChipButton({ chip }: { chip: Chip }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (chip.photo === undefined) return;
    const fileName = chip.photo;
    void import('../../client/samples').then(({ sampleUrl }) => {
      setUrl(sampleUrl(fileName));
    });
  }, [chip.photo]);
  return (
    <Button className="chip" onPress={() => void askChip(chip)}>
      {url && <img src={url} alt="" />}
      {chip.text}
      {chip.photo && <span className="sr-only"> with a new photo</span>}
    </Button>
  );
}

async function askChip({ text, photo }: Chip): Promise<void> {
  const { readSamplePhoto } = await import('../../client/samples');
  await askHere(undefined, { text, photo: photo === undefined ? undefined : await readSamplePhoto(photo) });
}

/** One question for each sample that is remembered, and one with a photo; none when the user has only their own. */
function useChips(names: string): readonly Chip[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    if (names === '') return;
    import('../../client/samples')
      .then(({ readSamples }) => readSamples())
      .then(setSamples, (error: unknown) => {
        console.info('no samples', error);
      });
  }, [names]);
  const known = new Set(names.split('\n'));
  const questions = samples.filter(({ name }) => known.has(name)).map((sample) => sample.questions);
  const words = questions.flatMap((list) => list.filter(({ photo }) => photo === undefined).slice(0, 1));
  const looks = questions.flatMap((list) => list.filter(({ photo }) => photo !== undefined)).slice(0, 1);
  return [...words.slice(0, MAX_CHIPS - looks.length), ...looks];
}
