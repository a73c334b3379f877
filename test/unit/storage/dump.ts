// Databases as text: how the saved old databases under fixtures/ are written and loaded again.

type Dump = Record<string, StoreDump>;

interface StoreDump {
  readonly keyPath: string | null;
  readonly indexes: Record<string, string>;
  readonly records: { readonly key: IDBValidKey; readonly value: unknown }[];
}

export interface DatabaseDump {
  readonly version: number;
  readonly stores: Dump;
}

/** Everything in a database: its shape and its records. */
export async function dumpDatabase(name: string): Promise<DatabaseDump> {
  const db = await settled(indexedDB.open(name));
  const stores: Dump = {};
  for (const storeName of db.objectStoreNames) {
    const store = db.transaction(storeName).objectStore(storeName);
    const [keys, values] = await Promise.all([settled(store.getAllKeys()), settled(store.getAll())]);
    const indexNames: readonly string[] = [...store.indexNames];
    stores[storeName] = {
      keyPath: store.keyPath as string | null,
      indexes: Object.fromEntries(indexNames.map((index) => [index, store.index(index).keyPath as string])),
      records: keys.map((key, i) => ({ key, value: toJson(values[i]) })),
    };
  }
  db.close();
  return { version: db.version, stores };
}

/** Makes the database that was dumped, without any code of today's. */
export async function loadDatabase(name: string, { version, stores }: DatabaseDump): Promise<void> {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => {
    for (const [storeName, { keyPath, indexes, records }] of Object.entries(stores)) {
      const store = request.result.createObjectStore(storeName, keyPath === null ? {} : { keyPath });
      for (const [index, path] of Object.entries(indexes)) store.createIndex(index, path);
      for (const { key, value } of records) {
        if (keyPath === null) store.put(fromJson(value), key);
        else store.put(fromJson(value));
      }
    }
  };
  (await settled(request)).close();
}

const VIEWS = { Float32Array, Uint8Array, Uint16Array };

function toJson(value: unknown): unknown {
  if (value === undefined) return { $undefined: true };
  if (value instanceof ArrayBuffer) return { $ArrayBuffer: toBase64(value) };
  for (const [name, View] of Object.entries(VIEWS)) {
    if (value instanceof View) return { [`$${name}`]: toBase64(value.slice().buffer) };
  }
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}

function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [tag, text] = entries[0] ?? [];
  if (tag === '$undefined') return undefined;
  if (tag === '$ArrayBuffer') return fromBase64(text as string);
  for (const [name, View] of Object.entries(VIEWS)) {
    if (tag === `$${name}`) return new View(fromBase64(text as string));
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, fromJson(item)]));
}

function toBase64(bytes: ArrayBufferLike): string {
  return Buffer.from(bytes).toString('base64');
}

function fromBase64(text: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(text, 'base64')).buffer;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('request failed'));
  });
}
