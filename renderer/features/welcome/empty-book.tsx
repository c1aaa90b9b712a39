import type { ReactNode } from 'react';
import { useListWindow } from '../../api/list-window.ts';
import { useCounts } from '../../api/records.ts';
import { WelcomeScreen } from './welcome-screen.tsx';

const unfiltered = { filters: [], where: null, search: '', parentId: null, sort: [], show: 'live' } as const;

/** A book that never had anything greets; one whose records were all deleted shows the place that was asked for. */
export function EmptyBook({
  isPlace = true,
  children,
}: {
  /** False where a record is open, or what is deleted is asked for. */ isPlace?: boolean;
  children: ReactNode;
}) {
  const counts = useCounts();
  const hasNothing = counts !== undefined && Object.values(counts).every((count) => count === 0);
  return hasNothing && isPlace ? <Greeting>{children}</Greeting> : children;
}

function Greeting({ children }: { children: ReactNode }) {
  const clients = useListWindow('clients', { ...unfiltered, filters: [], sort: [] });
  if (clients.total === null) return null;
  return clients.deleted === 0 ? <WelcomeScreen /> : children;
}
