import { expect, it } from 'vitest';
import { seal, unseal } from '../../../src/runtime/key-vault';

it('opens with its passphrase, and with no other', async () => {
  const sealed = await seal('sk-secret', 'correct horse');
  expect(await unseal(sealed, 'correct horse')).toBe('sk-secret');
  expect(await unseal(sealed, 'correct house')).toBeUndefined();
  expect(await unseal({ ...sealed, data: sealed.data.map((byte) => byte ^ 1) }, 'correct horse')).toBeUndefined();
});

it('leaves no trace of the key in what is stored, and never the same bytes twice', async () => {
  const [one, two] = [await seal('sk-secret', 'words'), await seal('sk-secret', 'words')];
  expect(new TextDecoder().decode(one.data)).not.toContain('sk-secret');
  expect([...one.data]).not.toEqual([...two.data]);
});
