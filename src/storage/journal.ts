// What happened and how things are set: enrolment jobs, chats and settings.

import type { Chat } from '../core/types';
import type { MemoryPort } from '../pipeline/ports';
import type { Connection } from './connection';
import { put } from './db';
import { weightOf } from './quota';
import { chatSchema, jobSchema, parse, parseAll } from './records';
import type { Report } from './records';

type JournalPort = Pick<
  MemoryPort,
  | 'listJobs'
  | 'saveJobs'
  | 'deleteJobs'
  | 'listChats'
  | 'readChat'
  | 'saveChat'
  | 'deleteChat'
  | 'readSetting'
  | 'saveSetting'
>;

export function journalIn(connection: Connection, report: Report): JournalPort {
  return {
    async listJobs() {
      const values = await connection.read(['jobs'], (tx) => tx.objectStore('jobs').getAll());
      return parseAll(jobSchema, 'jobs', values, report);
    },

    async saveJobs(jobs) {
      await connection.write(['photos', 'jobs'], (tx) =>
        Promise.all(
          jobs.map(async (job) => {
            // The photo was deleted while its job ran: see [Note: Late writes] in derived.ts.
            if ((await tx.objectStore('photos').getKey(job.photoId)) === undefined) return;
            await put(tx, 'jobs', job);
          }),
        ),
      );
    },

    async deleteJobs(ids) {
      await connection.write(['jobs'], (tx) => Promise.all(ids.map((id) => tx.objectStore('jobs').delete(id))));
    },

    async listChats() {
      const values = await connection.read(['chats'], (tx) => tx.objectStore('chats').getAll());
      return parseAll(chatSchema, 'chats', values, report).sort((a, b) => b.updatedAt - a.updatedAt);
    },

    async readChat(id) {
      const value = await connection.read(['chats'], (tx) => tx.objectStore('chats').get(id));
      return value && parse(chatSchema, 'chats', value, report);
    },

    async saveChat(chat) {
      const bytes = weightOf(chat);
      await connection.write(['chats'], (tx) => put(tx, 'chats', { ...chat, bytes }), {
        bytes,
        from: ['blocks', 'vectors'],
      });
    },

    async deleteChat(id) {
      return connection.write(['chats'], async (tx) => {
        const value: Chat | undefined = await tx.objectStore('chats').get(id);
        await tx.objectStore('chats').delete(id);
        return value && parse(chatSchema, 'chats', value, report);
      });
    },

    async readSetting(key) {
      return connection.read(['settings'], (tx) => tx.objectStore('settings').get(key));
    },

    async saveSetting(key, value) {
      await connection.write(['settings'], (tx) => put(tx, 'settings', value, key));
    },
  };
}
