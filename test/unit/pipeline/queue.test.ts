// One model run at a time, questions first; stages keep their times.
import { describe, expect, it } from 'vitest';
import { createQueue } from '../../../src/pipeline/queue';
import { counted, createStages } from '../../../src/pipeline/stages';

const never = new AbortController().signal;

describe('queue', () => {
  it('runs one task at a time, questions before what waits in the background', async () => {
    const queue = createQueue();
    const log: string[] = [];
    let running = 0;
    const task = (name: string) => async (): Promise<string> => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      log.push(name);
      return name;
    };
    const all = [
      queue.run('background', task('b1'), never),
      queue.run('background', task('b2'), never),
      queue.run('question', task('q1'), never),
      queue.run('question', task('q2'), never),
    ];
    expect(await Promise.all(all)).toEqual(['b1', 'b2', 'q1', 'q2']);
    expect(log).toEqual(['b1', 'q1', 'q2', 'b2']);
  });

  it('lets a waiting task leave, and goes on after one that fails', async () => {
    const queue = createQueue();
    const leaving = new AbortController();
    const failing = queue.run('background', () => Promise.reject(new Error('no')), never);
    const left = queue.run('question', () => Promise.resolve('never'), leaving.signal);
    leaving.abort();
    await expect(failing).rejects.toThrow('no');
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    expect(await queue.run('background', () => Promise.resolve('next'), never)).toBe('next');
    await expect(queue.run('question', () => Promise.resolve(1), leaving.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('stages', () => {
  it('tell when they begin and end, and keep the time of one that fails', async () => {
    const told: string[] = [];
    const stages = createStages((stage, note) => void told.push(`${stage}:${note}`));
    await stages.run(
      'retrieve',
      () => Promise.resolve(3),
      (n) => counted(n, 'fact'),
    );
    await expect(
      stages.run(
        'decode',
        () => Promise.reject(new Error('no')),
        () => '',
      ),
    ).rejects.toThrow('no');
    expect(told).toEqual(['retrieve:', 'retrieve:3 facts', 'decode:', 'decode:failed']);
    expect(stages.times.map(({ stage, note }) => [stage, note])).toEqual([
      ['retrieve', '3 facts'],
      ['decode', 'failed'],
    ]);
    expect(counted(1, 'fact')).toBe('1 fact');
  });
});
