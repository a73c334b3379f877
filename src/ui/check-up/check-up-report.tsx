// What a check-up found: a row for each thing, what is taken for what, and the photo that would help most.

import { Button } from 'react-aria-components/Button';
import type { Confusion, PhotoHelp, Tally } from '../../core/check-up-report';
import { CHECK_UP_KINDS, type CheckUpKind } from '../../core/check-up';
import type { ConceptId, PhotoId } from '../../core/types';
import type { CheckUpResult, MemorySnapshot } from '../../rpc/protocol';
import { openOverlay } from '../overlays';
import { MemoryPhoto } from '../photo/memory-photo';
import { hrefOf } from '../router';

interface CheckUpReportProps {
  readonly result: CheckUpResult;
  readonly memory: MemorySnapshot;
  readonly isOld: boolean; // a new one is running
}

const KIND_WORDS = {
  recognise: 'Recognising a photo it has not seen',
  sibling: 'Telling two alike apart',
  patch: 'Which detail belongs to whom',
  attribute: 'What the card says of it',
  absent: 'Saying “I don’t know” when it cannot know',
} satisfies Record<CheckUpKind, string>;

export function CheckUpReportView({ result: { report, at, stopped }, memory, isOld }: CheckUpReportProps) {
  const nameOf = (id: ConceptId): string =>
    memory.concepts.find(({ concept }) => concept.id === id)?.concept.name ?? 'something forgotten';
  const known = new Set<string>(memory.concepts.map(({ concept }) => concept.id));
  const { all, kinds } = report;
  return (
    <div className="check-up-report" aria-busy={isOld}>
      <p className="check-up-sum">
        <strong>
          {all.right} of {all.n} right
        </strong>
        , {all.rightWithout} with no memory, {all.rightFirst} by always taking the first option.{' '}
        <span className="quiet">
          {new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}
          {stopped ? ', stopped before the end' : ''}
        </span>
      </p>
      <section aria-label="Which photo would help most">
        <h2>Which photo would help most</h2>
        {report.help.length === 0 ? (
          <p className="quiet">None: every thing was known on each of its photos.</p>
        ) : (
          <ul className="help-list">
            {report.help.map((help) => (
              <li key={help.conceptId}>
                <HelpPhoto help={help} memory={memory} />
                <p>
                  {helpWords(help, nameOf)}{' '}
                  <a href={hrefOf({ place: 'memory', conceptId: help.conceptId })}>
                    Add one to {nameOf(help.conceptId)}
                  </a>
                </p>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section aria-label="By thing">
        <h2>By thing</h2>
        <Rows
          head="Thing"
          rows={report.concepts
            .filter(({ conceptId }) => known.has(conceptId))
            .map(({ conceptId, ...tally }) => ({
              key: conceptId,
              name: <a href={hrefOf({ place: 'memory', conceptId })}>{nameOf(conceptId)}</a>,
              tally,
            }))}
        />
      </section>
      <section aria-label="By kind of question">
        <h2>By kind of question</h2>
        <Rows
          head="Question"
          rows={CHECK_UP_KINDS.flatMap((kind) => {
            const tally = kinds[kind];
            return tally === undefined ? [] : [{ key: kind, name: KIND_WORDS[kind], tally }];
          })}
        />
      </section>
      <section aria-label="Taken for another">
        <h2>Taken for another</h2>
        {report.confusions.length === 0 ? (
          <p className="quiet">Nothing was taken for anything else.</p>
        ) : (
          <ul className="confusions">
            {report.confusions.map((confusion) => (
              <li key={`${confusion.conceptId} ${confusion.takenFor}`}>{confusionWords(confusion, nameOf)}</li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

interface Row {
  readonly key: string;
  readonly name: React.ReactNode;
  readonly tally: Tally;
}

function Rows({ head, rows }: { head: string; rows: readonly Row[] }) {
  return (
    <table className="tallies">
      <thead>
        <tr>
          <th scope="col">{head}</th>
          <th scope="col">With memory</th>
          <th scope="col">Without</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, tally }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            <td>
              <Share right={tally.right} n={tally.n} />
            </td>
            <td className="quiet">{tally.n === 0 ? '' : `${tally.rightWithout} of ${tally.n}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Share({ right, n }: { right: number; n: number }) {
  if (n === 0) return <span className="quiet">not asked</span>;
  return (
    <span className="share">
      <span className="meter-bar" aria-hidden="true">
        <span style={{ scale: `${right / n} 1` }} />
      </span>
      {right} of {n}
    </span>
  );
}

function HelpPhoto({ help: { photoId, conceptId }, memory }: { help: PhotoHelp; memory: MemorySnapshot }) {
  const view = memory.concepts.find(({ concept }) => concept.id === conceptId);
  const wanted: PhotoId | undefined = photoId ?? view?.photos[0]?.id;
  const photo = view?.photos.find(({ id }) => id === wanted);
  if (!view || !photo) return <span className="photo-frame blank" />;
  return (
    <Button
      className="thumb"
      aria-label={`Photo of ${view.concept.name}`}
      onPress={() => {
        openOverlay({ kind: 'photo', photoId: photo.id, litPatches: [] });
      }}
    >
      <MemoryPhoto square photo={photo} alt="" />
    </Button>
  );
}

function helpWords({ conceptId, why, takenFor }: PhotoHelp, nameOf: (id: ConceptId) => string): string {
  const name = nameOf(conceptId);
  switch (why) {
    case 'no-photo':
      return `${name} has no photo, so it cannot be recognised.`;
    case 'one-photo':
      return `${name} has one photo. A second, from another side, lets Jarvis check itself.`;
    case 'taken-for-another':
      return `Without this photo ${name} is taken for ${takenFor === undefined ? 'another' : nameOf(takenFor)}. One more like it would help.`;
    case 'not-recognised':
      return `Without this photo ${name} is not recognised from this side. One more like it would help.`;
    default:
      return why satisfies never;
  }
}

function confusionWords({ conceptId, takenFor, times }: Confusion, nameOf: (id: ConceptId) => string): string {
  const often = times === 1 ? 'once' : times === 2 ? 'twice' : `${times} times`;
  return `${nameOf(conceptId)} was taken for ${nameOf(takenFor)} ${often}.`;
}
