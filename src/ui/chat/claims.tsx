// How the photo's cues were checked: every claim, what was answered, and what became of it; and what a larger model cost.

import type { CollaborationTrace } from '../../core/large';
import type { ClaimFate } from '../../core/stages/reflect-cues';
import { count, formatMs } from '../format';

export function Claims({ trace }: { trace: CollaborationTrace }) {
  const { fates, cues, by, model, to, calls, tokensIn, tokensOut, counted, ms } = trace;
  const unread = cues.filter(({ problem }) => problem !== undefined);
  return (
    <section className="claims" aria-label="Photo check">
      {fates.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Claim</th>
              <th scope="col">Asked</th>
              <th scope="col">Answer</th>
              <th scope="col">Then</th>
            </tr>
          </thead>
          <tbody>
            {fates.map((fate, at) => (
              <tr key={at} data-fate={fate.fate}>
                <th scope="row">{fate.claim.name}</th>
                <td>{fate.claim.question}</td>
                <td>{answerOf(fate)}</td>
                <td>{fate.fate}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {unread.map(({ conceptId, name, problem }) => (
        <p key={conceptId} className="quiet">
          {name}: counted as absent, what was said could not be read ({problem}).
        </p>
      ))}
      <p className="quiet">
        {by === 'large' ? `Asked ${model}${to === undefined ? '' : ` at ${to}`}` : `Checked by ${model} itself`}:{' '}
        {count(calls, by === 'large' ? 'request' : 'claim')}
        {by === 'large' && `, ${counted ? '' : 'about '}${tokensIn} tokens in and ${tokensOut} out`}, {formatMs(ms)}.
      </p>
    </section>
  );
}

function answerOf({ yes }: ClaimFate): string {
  if (yes === undefined) return '–';
  const word = yes >= 0.5 ? 'yes' : 'no';
  return yes === 0 || yes === 1 ? word : `${word}, ${Math.round(100 * (yes >= 0.5 ? yes : 1 - yes))} %`;
}
