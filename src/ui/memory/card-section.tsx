// The card: the short description Jarvis reads first. Written by the model until the user edits it.

import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { saveCard } from '../../client/memory-commands';
import type { Card, Concept, Fingerprinted } from '../../core/types';
import { LabelledField } from '../labelled-field';

export function CardSection({ concept }: { concept: Concept }) {
  const [isEditing, setIsEditing] = useState(false);
  const { card } = concept;
  return (
    <section aria-label="Card" className="card-section">
      <header className="section-head">
        <h2>Card</h2>
        {!isEditing && (
          <Button
            className="button small"
            onPress={() => {
              setIsEditing(true);
            }}
          >
            {card ? 'Edit the card' : 'Write the card'}
          </Button>
        )}
      </header>
      {isEditing ? (
        <CardForm
          concept={concept}
          onDone={() => {
            setIsEditing(false);
          }}
        />
      ) : (
        <CardWords card={card} />
      )}
    </section>
  );
}

function CardWords({ card }: { card: Card | undefined }) {
  if (!card) return <p className="quiet">Made when the first photo has been looked at.</p>;
  return (
    <>
      <dl className="card-words">
        <div>
          <dt>Category</dt>
          <dd>{card.category || 'not known'}</dd>
        </div>
        {card.caption && (
          <div>
            <dt>Caption</dt>
            <dd>{card.caption}</dd>
          </div>
        )}
        {card.fingerprints.map(({ part, descriptor }) => (
          <div key={`${part}: ${descriptor}`}>
            <dt>{part}</dt>
            <dd>{descriptor}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet">{card.edited ? 'Edited by you; the model leaves it alone.' : 'Written by the model.'}</p>
    </>
  );
}

function CardForm({ concept, onDone }: { concept: Concept; onDone: () => void }) {
  const [category, setCategory] = useState(concept.card?.category ?? '');
  const [caption, setCaption] = useState(concept.card?.caption ?? '');
  const [lines, setLines] = useState(
    (concept.card?.fingerprints ?? []).map(({ part, descriptor }) => `${part}: ${descriptor}`).join('\n'),
  );
  const save = () => {
    onDone();
    void saveCard(concept.id, {
      name: concept.name,
      category: category.trim(),
      caption: caption.trim(),
      fingerprints: parseFingerprints(lines),
      edited: true,
    });
  };
  return (
    <form
      className="card-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <LabelledField label="Category" value={category} onChange={setCategory} placeholder="dog" autoFocus />
      <LabelledField label="Caption" value={caption} onChange={setCaption} hint="About 25 words." rows={2} />
      <LabelledField
        label="Fingerprints"
        hint="One a line, as part: descriptor."
        placeholder="left ear: torn at the tip"
        value={lines}
        onChange={setLines}
        rows={3}
      />
      <div className="acts">
        <Button className="button" onPress={onDone}>
          Cancel
        </Button>
        <Button className="button primary" type="submit">
          Save the card
        </Button>
      </div>
    </form>
  );
}

function parseFingerprints(lines: string): Fingerprinted[] {
  return lines.split('\n').flatMap((line) => {
    const at = line.indexOf(':');
    const part = (at < 0 ? 'look' : line.slice(0, at)).trim();
    const descriptor = line.slice(at + 1).trim();
    return descriptor === '' ? [] : [{ part: part || 'look', descriptor }];
  });
}
