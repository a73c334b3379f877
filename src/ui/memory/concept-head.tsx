// A concept's name and other names, edited in place.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { editConcept } from '../../client/memory-commands';
import { app } from '../../client/state';
import { isAppError } from '../../core/errors';
import { checkAliases, checkName } from '../../core/stages/enrol';
import type { Concept } from '../../core/types';
import { Icon } from '../icon';
import { LabelledField } from '../labelled-field';

export function ConceptHead({ concept }: { concept: Concept }) {
  const [isEditing, setIsEditing] = useState(false);
  if (isEditing) {
    return (
      <NamesForm
        concept={concept}
        onDone={() => {
          setIsEditing(false);
        }}
      />
    );
  }
  return (
    <header className="concept-head">
      <h1>{concept.name}</h1>
      <Button
        className="icon-button"
        aria-label="Edit the names"
        onPress={() => {
          setIsEditing(true);
        }}
      >
        <Icon name="edit" />
      </Button>
      {concept.aliases.length > 0 && <p className="quiet">also {concept.aliases.join(', ')}</p>}
    </header>
  );
}

function NamesForm({ concept, onDone }: { concept: Concept; onDone: () => void }) {
  const [name, setName] = useState(concept.name);
  const [aliases, setAliases] = useState(concept.aliases.join(', '));
  const [problem, setProblem] = useState<string>();

  const save = async () => {
    const others = (app.get().memory?.concepts ?? []).map((view) => view.concept);
    try {
      const tidy = checkName(name, others, concept.id);
      const edit = { name: tidy, aliases: checkAliases(aliases.split(','), tidy, others, concept.id) };
      onDone();
      await editConcept(concept.id, edit);
    } catch (error) {
      if (!isAppError(error)) throw error;
      setProblem(error.message);
    }
  };

  return (
    <form
      className="names-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <LabelledField label="Name" value={name} onChange={setName} error={problem} autoFocus />
      <LabelledField label="Other names, with commas between" value={aliases} onChange={setAliases} />
      <div className="acts">
        <Button className="button" onPress={onDone}>
          Cancel
        </Button>
        <Button className="button primary" type="submit">
          Save
        </Button>
      </div>
    </form>
  );
}
