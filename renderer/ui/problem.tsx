import { notifications } from '@mantine/notifications';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Problem } from '../../shared/lib/result.ts';
import { say } from '../../shared/words/say.ts';

/**
 * The one way a problem is told that has no field of its own to stand at: in the book's words, which say what happened,
 * what is safe and what to do. Never a code, a stack or a host name.
 */
export function showProblem(problem: Problem): void {
  notifications.show({
    id: `problem ${problem.code}`,
    color: 'red',
    icon: <IconAlertTriangle size={18} />,
    title: 'That did not work',
    message: say(problem),
    autoClose: 12_000,
  });
}
