// Remember something: a name, photos, facts. What is wrong is said beside what was typed, and nothing typed is lost.

import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { addFacts, addPhotos, enrol, readNewPhotos } from '../../client/memory-commands';
import { sentence } from '../../client/perform';
import { isAppError } from '../../core/errors';
import { checkAliases, checkName, splitFacts } from '../../core/stages/enrol';
import type { Concept, ConceptId } from '../../core/types';
import { fold } from '../../core/words';
import { filesOf } from '../files';
import { LabelledField } from '../labelled-field';
import { closeOverlay } from '../overlays';
import { go } from '../router';
import { DialogFrame } from '../shell/dialog-frame';
import { useApp } from '../use-store';
import { PickedPhotos } from './picked-photos';
import { usePicks } from './use-picks';

interface Problems {
  readonly name?: string;
  readonly aliases?: string;
  readonly facts?: string;
  readonly photos?: string;
  readonly other?: string;
}

export default function EnrolDialog({ files, name: givenName }: { files: readonly File[]; name: string }) {
  const memory = useApp((state) => state.memory);
  const isLoading = useApp((state) => state.engine.kind === 'loading');
  const [name, setName] = useState(givenName);
  const [aliases, setAliases] = useState('');
  const [facts, setFacts] = useState('');
  const [problems, setProblems] = useState<Problems>({});
  const [isSaving, setIsSaving] = useState(false);
  const picked = usePicks();
  const { add } = picked;

  useEffect(() => {
    add(files);
  }, [add, files]);

  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const pasted = filesOf(event.clipboardData);
      if (pasted.length === 0) return;
      event.preventDefault();
      add(pasted);
    };
    addEventListener('paste', onPaste);
    return () => {
      removeEventListener('paste', onPaste);
    };
  }, [add]);

  const others = (memory?.concepts ?? []).map((view) => view.concept);
  const namesake = name.trim() === '' ? undefined : findNamesake(name, others);
  const usable = picked.picks.filter(({ state }) => state !== 'bad').map(({ file }) => file);

  const run = async (act: () => Promise<ConceptId>) => {
    setIsSaving(true);
    try {
      const id = await act();
      closeOverlay();
      go({ place: 'memory', conceptId: id });
    } catch (error) {
      setProblems({ other: sentence(error) });
    } finally {
      setIsSaving(false);
    }
  };

  const save = () => {
    const checked = check({ name, aliases, facts, photos: usable.length }, others);
    if ('problems' in checked) {
      setProblems(checked.problems);
      return;
    }
    setProblems({});
    void run(async () => enrol({ ...checked.request, photos: await readNewPhotos(usable) }));
  };

  const addTo = (concept: Concept) => {
    void run(async () => {
      if (usable.length > 0) await addPhotos(concept.id, await readNewPhotos(usable));
      const known = memory?.concepts.find((view) => view.concept.id === concept.id)?.facts ?? [];
      const fresh = splitFacts(
        [facts],
        known.map((fact) => fact.text),
      );
      if (fresh.length > 0) await addFacts(concept.id, fresh);
      return concept.id;
    });
  };

  return (
    <DialogFrame title="Remember something" keepsInput>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <PickedPhotos {...picked} />
        {problems.photos && (
          <p className="problem" role="alert">
            {problems.photos}
          </p>
        )}
        <LabelledField label="Name" placeholder="Bo" value={name} onChange={setName} error={problems.name} autoFocus />
        {namesake && (
          <div className="notice soft">
            <p>You already have “{namesake.name}”.</p>
            <Button
              className="button small"
              isDisabled={isSaving || (usable.length === 0 && facts.trim() === '')}
              onPress={() => {
                addTo(namesake);
              }}
            >
              {usable.length > 0 ? `Add these photos to ${namesake.name}` : `Add these facts to ${namesake.name}`}
            </Button>
          </div>
        )}
        <LabelledField
          label="Facts"
          hint="One a line, in your own words. You can add more later."
          placeholder={'Bo is my corgi.\nBo sleeps on the blue sofa.'}
          value={facts}
          onChange={setFacts}
          error={problems.facts}
          rows={4}
        />
        <LabelledField
          label="Other names (optional)"
          hint="With commas between."
          value={aliases}
          onChange={setAliases}
          error={problems.aliases}
        />
        {problems.other && (
          <p className="problem" role="alert">
            {problems.other}
          </p>
        )}
        <div className="acts">
          <Button className="button" onPress={closeOverlay}>
            Cancel
          </Button>
          <Button className="button primary" type="submit" isDisabled={isSaving}>
            {isSaving ? (isLoading ? 'Waiting for the model…' : 'Saving…') : 'Remember'}
          </Button>
        </div>
      </form>
    </DialogFrame>
  );
}

interface Typed {
  readonly name: string;
  readonly aliases: string;
  readonly facts: string;
  readonly photos: number;
}

type Checked = { request: { name: string; aliases: string[]; facts: string[] } } | { problems: Problems };

/** All that is wrong at once, by the rules of the enrol stage. */
function check(typed: Typed, others: readonly Concept[]): Checked {
  const problems: { -readonly [K in keyof Problems]: Problems[K] } = {};
  const attempt = <T,>(field: 'name' | 'aliases' | 'facts', make: () => T, otherwise: T): T => {
    try {
      return make();
    } catch (error) {
      if (!isAppError(error)) throw error;
      problems[field] = error.message;
      return otherwise;
    }
  };
  const name = attempt('name', () => checkName(typed.name, others), '');
  const aliases = attempt('aliases', () => checkAliases(typed.aliases.split(','), name, others), []);
  const facts = attempt('facts', () => splitFacts([typed.facts]), []);
  if (typed.photos === 0 && facts.length === 0)
    problems.photos = 'Add a photo or a fact: there is nothing to remember yet.';
  return Object.keys(problems).length > 0 ? { problems } : { request: { name, aliases, facts } };
}

function findNamesake(name: string, others: readonly Concept[]): Concept | undefined {
  const folded = fold(name).replace(/\s+/g, ' ').trim();
  return others.find((concept) => [concept.name, ...concept.aliases].some((known) => fold(known) === folded));
}
