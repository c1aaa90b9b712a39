import { IconBookOff } from '@tabler/icons-react';
import { EmptyPlace } from '../ui/empty-place.tsx';

/** The page without Fieldbook behind it: opened as a file, or with its bridge blocked. */
export function NoBookScreen() {
  return (
    <EmptyPlace icon={<IconBookOff size={24} />} title="Fieldbook is not behind this page">
      Nothing is wrong with your book. Start Fieldbook and use the window it opens, or the address it prints.
    </EmptyPlace>
  );
}
