// The photos of an enrolment as thumbnails, and the place to drop or pick more.

import { Button } from 'react-aria-components/Button';
import { DropZone } from 'react-aria-components/DropZone';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { IMAGE_TYPES } from '../files';
import { Icon } from '../icon';
import { useBytesUrl } from '../photo/use-photo-url';
import type { Pick, Picks } from './use-picks';

export function PickedPhotos({ picks, add, remove }: Picks) {
  return (
    <DropZone
      className="picked"
      aria-label="Photos"
      onDrop={(event) => {
        void Promise.all(event.items.flatMap((item) => (item.kind === 'file' ? [item.getFile()] : []))).then(add);
      }}
    >
      <ul>
        {picks.map((pick) => (
          <li key={pick.key} data-bad={pick.state === 'bad'}>
            <Thumbnail pick={pick} />
            <Button
              className="icon-button small over-photo"
              aria-label={`Remove ${pick.file.name}`}
              onPress={() => {
                remove(pick.key);
              }}
            >
              <Icon name="close" />
            </Button>
          </li>
        ))}
        <li>
          <FileTrigger
            allowsMultiple
            acceptedFileTypes={IMAGE_TYPES}
            onSelect={(list) => {
              if (list) add([...list]);
            }}
          >
            <Button className="pick-more">
              <Icon name="add" />
              {picks.length === 0 ? 'Pick photos, or drop or paste them here' : 'More'}
            </Button>
          </FileTrigger>
        </li>
      </ul>
      {picks.map(
        ({ key, file, problem }) =>
          problem && (
            <p className="problem" role="alert" key={key}>
              {file.name}: {problem}
            </p>
          ),
      )}
    </DropZone>
  );
}

function Thumbnail({ pick }: { pick: Pick }) {
  const url = useBytesUrl(pick.state === 'good' ? pick.file : undefined, '');
  return <span className="photo-frame square">{url && <img src={url} alt={pick.file.name} />}</span>;
}
