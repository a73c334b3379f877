// Adds what an answer did not know: which thing, and the fact.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { addFacts } from '../../client/memory-commands';
import { toast } from '../../client/toasts';
import { isAppError } from '../../core/errors';
import { splitFacts } from '../../core/stages/enrol';
import type { ConceptId } from '../../core/types';
import { LabelledField } from '../labelled-field';
import { closeOverlay, openOverlay } from '../overlays';
import { DialogFrame } from '../shell/dialog-frame';
import { useApp } from '../use-store';

export default function AddFactDialog({ conceptId }: { conceptId: ConceptId | undefined }) {
  const views = useApp((state) => state.memory?.concepts) ?? [];
  const [chosen, setChosen] = useState<string>(conceptId ?? views[0]?.concept.id ?? '');
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const view = views.find(({ concept }) => concept.id === chosen);

  const save = async () => {
    if (!view) return;
    try {
      const fresh = splitFacts(
        [text],
        view.facts.map((fact) => fact.text),
      );
      if (fresh.length === 0) {
        setProblem(text.trim() === '' ? 'Write the fact first.' : 'Jarvis knows that already.');
        return;
      }
      if (!(await addFacts(view.concept.id, fresh))) return;
      closeOverlay();
      toast({ text: `Added to ${view.concept.name}.` });
    } catch (error) {
      if (!isAppError(error)) throw error;
      setProblem(error.message);
    }
  };

  return (
    <DialogFrame title="Add the fact" size="small" keepsInput>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {views.length > 0 && (
          <label className="labelled">
            <span>About</span>
            <select
              className="field"
              value={chosen}
              onChange={(event) => {
                setChosen(event.target.value);
              }}
            >
              {views.map(({ concept }) => (
                <option key={concept.id} value={concept.id}>
                  {concept.name}
                </option>
              ))}
            </select>
          </label>
        )}
        <LabelledField label="Fact" value={text} onChange={setText} error={problem} rows={2} autoFocus />
        <div className="acts">
          <Button
            className="button quiet-button"
            onPress={() => {
              openOverlay({ kind: 'enrol', files: [] });
            }}
          >
            It is about something new
          </Button>
          <Button className="button primary" type="submit" isDisabled={!view}>
            Add
          </Button>
        </div>
      </form>
    </DialogFrame>
  );
}
