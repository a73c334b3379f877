// What the user asked, with the photo and the boxes of what was recognised on it.

import type { Question } from '../../client/state';
import type { Cue } from '../../core/types';
import { useBytesUrl } from '../photo/use-photo-url';

interface AskedQuestionProps {
  readonly question: Question;
  readonly cues: readonly (Cue & { readonly name: string })[];
}

export function AskedQuestion({ question, cues }: AskedQuestionProps) {
  const url = useBytesUrl(question.photo?.bytes, question.photo?.mime ?? '');
  const seen = cues.filter((cue) => cue.present);
  return (
    <div className="question">
      {question.photo && (
        <figure className="question-photo">
          {url && (
            <img
              src={url}
              alt={seen.length > 0 ? `Shows ${seen.map((cue) => cue.name).join(', ')}` : 'Photo of the question'}
            />
          )}
          {seen.map(
            ({ conceptId, name, place, probability }) =>
              place && (
                <span
                  key={conceptId}
                  className="seen-box"
                  style={{
                    left: `${place.x * 100}%`,
                    top: `${place.y * 100}%`,
                    width: `${place.w * 100}%`,
                    height: `${place.h * 100}%`,
                  }}
                  title={`${name}, ${Math.round(probability * 100)} % sure`}
                >
                  <span className="seen-name">{name}</span>
                </span>
              ),
          )}
        </figure>
      )}
      <p className="question-text">{question.text}</p>
    </div>
  );
}
