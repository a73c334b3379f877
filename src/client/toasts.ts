// Short messages for the user, as events: the page shows them, the commands only say them.

export interface Toast {
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly tone?: 'plain' | 'error';
}

type Listener = (toast: Toast) => void;

let listener: Listener | undefined;

export function onToast(next: Listener): () => void {
  listener = next;
  return () => {
    if (listener === next) listener = undefined;
  };
}

export function toast(message: Toast): void {
  listener?.(message);
}
