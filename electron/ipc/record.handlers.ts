import type { NounName } from '../../shared/nouns/nouns.ts';
import type { ListQuery } from '../domain/lists/record-queries.ts';
import type { RecordService } from '../domain/record.service.ts';

/** The methods every noun has, over its service. */
export function recordHandlers<N extends NounName>(service: RecordService<N>) {
  return {
    list: service.list,
    ids: async (query: ListQuery) => ({ ids: await service.ids(query) }),
    get: ({ id }: { id: string }) => service.get(id),
    create: (fields: Record<string, unknown>) => service.create(fields),
    change: ({ id, changes }: { id: string; changes: Record<string, unknown> }) => service.change(id, changes),
    changeMany: ({ ids, changes }: { ids: string[]; changes: Record<string, unknown> }) => service.changeMany(ids, changes),
    goingAlong: async ({ ids }: { ids: string[] }) => service.goingAlong(ids),
    remove: ({ ids }: { ids: string[] }) => service.remove(ids),
    restore: ({ ids }: { ids: string[] }) => service.restore(ids),
  };
}

/** The methods of nouns that have a board. */
export function boardHandlers<N extends NounName>(service: RecordService<N>) {
  return { board: async (query: ListQuery) => ({ columns: await service.board(query) }) };
}
