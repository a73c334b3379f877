// The facts of a concept: one a line, edited in place, added below.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { addFacts, deleteFact, editFact } from '../../client/memory-commands';
import { isAppError } from '../../core/errors';
import { splitFacts } from '../../core/stages/enrol';
import type { Concept, Fact } from '../../core/types';
import { Icon } from '../icon';
import { LabelledField } from '../labelled-field';

export function FactsSection({ concept, facts }: { concept: Concept; facts: readonly Fact[] }) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();

  const add = async () => {
    try {
      const fresh = splitFacts(
        [text],
        facts.map((fact) => fact.text),
      );
      setProblem(fresh.length === 0 && text.trim() !== '' ? 'Jarvis knows that already.' : undefined);
      if (fresh.length === 0) return;
      if (await addFacts(concept.id, fresh)) setText('');
    } catch (error) {
      if (!isAppError(error)) throw error;
      setProblem(error.message);
    }
  };

  return (
    <section aria-label="Facts" className="facts-section">
      <header className="section-head">
        <h2>Facts</h2>
      </header>
      {facts.length > 0 && (
        <ul className="facts">
          {facts.map((fact) => (
            <FactRow key={fact.id} fact={fact} />
          ))}
        </ul>
      )}
      <form
        className="add-fact"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <LabelledField
          label="Add a fact"
          placeholder={`${concept.name} sleeps on the blue sofa.`}
          value={text}
          onChange={setText}
          error={problem}
        />
        <Button className="button" type="submit" isDisabled={text.trim() === ''}>
          Add
        </Button>
      </form>
    </section>
  );
}

function FactRow({ fact }: { fact: Fact }) {
  const [isEditing, setIsEditing] = useState(false);
  if (isEditing) {
    const finish = (text: string | undefined) => {
      setIsEditing(false);
      const tidy = text?.trim();
      if (tidy && tidy !== fact.text) void editFact(fact.id, tidy);
    };
    return (
      <li>
        <input
          className="field"
          aria-label="Edit the fact"
          defaultValue={fact.text}
          autoFocus
          onBlur={(event) => {
            finish(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
            if (event.key === 'Escape') {
              event.currentTarget.value = fact.text;
              finish(undefined);
            }
          }}
        />
      </li>
    );
  }
  return (
    <li>
      <span className="fact-text">{fact.text}</span>
      <Button
        className="icon-button small"
        aria-label={`Edit: ${fact.text}`}
        onPress={() => {
          setIsEditing(true);
        }}
      >
        <Icon name="edit" />
      </Button>
      <Button className="icon-button small" aria-label={`Delete: ${fact.text}`} onPress={() => void deleteFact(fact)}>
        <Icon name="trash" />
      </Button>
    </li>
  );
}
