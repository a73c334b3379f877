// Where memory is spent for speed: only on machines that have it.
import { expect, it } from 'vitest';
import { isRoomy } from '../../../src/runtime/device';

const DESKTOP = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1';

it('is said by the browser, else by what kind of machine it is', () => {
  expect(isRoomy({ deviceMemory: 8, userAgent: PHONE })).toBe(true);
  expect(isRoomy({ deviceMemory: 4, userAgent: DESKTOP })).toBe(false);
  expect(isRoomy({ userAgent: DESKTOP })).toBe(true);
  expect(isRoomy({ userAgent: PHONE })).toBe(false);
});
