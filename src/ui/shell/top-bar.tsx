// The name, the two places, and how the engine is. On a phone the places move to the bottom of the screen.

import { Button } from 'react-aria-components/Button';
import { Icon, type IconName } from '../icon';
import { openOverlay } from '../overlays';
import { hrefOf, type Route } from '../router';
import { useApp } from '../use-store';
import { EngineLine } from './engine-line';

export function TopBar({ place }: { place: Route['place'] }) {
  const chatId = useApp((state) => state.chat?.id);
  return (
    <header className="top-bar">
      <a className="skip" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      <span className="wordmark">Jarvis</span>
      <nav className="places" aria-label="Places">
        <PlaceLink to={{ place: 'chat', chatId }} icon="chat" label="Chat" current={place === 'chat'} />
        <PlaceLink
          to={{ place: 'memory', conceptId: undefined }}
          icon="memory"
          label="Memory"
          current={place === 'memory' || place === 'check-up'}
        />
      </nav>
      <EngineLine />
      <Button
        className="icon-button"
        aria-label="Settings"
        onPress={() => {
          openOverlay({ kind: 'settings' });
        }}
      >
        <Icon name="gear" />
      </Button>
    </header>
  );
}

function PlaceLink({ to, icon, label, current }: { to: Route; icon: IconName; label: string; current: boolean }) {
  return (
    <a className="place-link" href={hrefOf(to)} aria-current={current ? 'page' : undefined}>
      <Icon name={icon} />
      {label}
    </a>
  );
}

/** The hash is the route, so the link must not change it. */
function skipToMain(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main a, #main button, #main textarea')?.focus();
}
