// The fake of MemoryPort passes the suite of the real store, so that tests over it mean something.
import { fakeMemory } from '../../support/fake-memory';
import { memorySuite } from '../../support/memory-suite';

memorySuite('fake memory', () => Promise.resolve(fakeMemory()));
