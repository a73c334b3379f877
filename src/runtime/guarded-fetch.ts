// The only way from here to a server: to the address the user set, and with nothing about this browser that the protocol does not need.

import { AppError } from '../core/errors';

/** Headers of the protocol. The client library adds others that tell of the operating system and its own version. */
const NEEDED = ['accept', 'content-type', 'authorization'];

/** `fetch` that refuses every address not below `base`, follows no redirect, and sends no cookies, referrer or key where there is none. */
export function guardedFetch(base: URL, hasKey: boolean): typeof fetch {
  const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== base.origin || !url.pathname.startsWith(folder)) {
      throw new AppError('internal', `Jarvis may only ask ${base.origin}, and was about to ask ${url.origin}.`);
    }
    const given = new Headers(init?.headers);
    const headers = new Headers();
    for (const name of NEEDED) {
      const value = given.get(name);
      if (value !== null && (hasKey || name !== 'authorization')) headers.set(name, value);
    }
    return fetch(url, {
      ...init,
      headers,
      redirect: 'error',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
    });
  };
}

/** The address of a server, as typed. Throws AppError 'bad-input' for what is none. */
export function parseBaseUrl(text: string): URL {
  const address = text.trim().replace(/\/+$/, '');
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new AppError(
      'bad-input',
      `“${text}” is no address of a server. One looks like http://localhost:11434/v1 or https://api.example.com/v1.`,
    );
  }
  return url;
}
