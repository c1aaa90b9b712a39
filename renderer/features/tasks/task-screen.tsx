import { IconChecklist } from '@tabler/icons-react';
import type { TaskView } from '../../../shared/contracts/record.contract.ts';
import { taskPriorities, taskStatuses } from '../../../shared/entities/task.ts';
import { Fact } from '../../ui/fact.tsx';
import { ToneText } from '../../ui/tone-text.tsx';
import { RecordLink } from '../records/record-link.tsx';
import type { NounScreen } from '../records/noun-screen.ts';

export const taskScreen: NounScreen = {
  noun: 'tasks',
  title: 'Tasks',
  icon: <IconChecklist size={18} stroke={1.75} />,
  purpose: 'Tasks are what is to be done, and by when. Most are for a client; they can also stand alone.',
  formFields: ['title', 'clientId', 'opportunityId', 'caseId', 'status', 'priority', 'dueDate'],
  tones: {
    status: { new: 'blue', in_progress: 'amber', completed: 'green' },
    priority: { low: 'gray', medium: 'blue', high: 'red' },
  },
  Facts: ({ record }) => {
    const task = record as TaskView;
    return (
      <>
        {task.clientId === null ? null : (
          <Fact label="Client">
            <RecordLink noun="clients" id={task.clientId}>
              {task.clientName ?? 'Unnamed client'}
            </RecordLink>
          </Fact>
        )}
        <Fact>
          <ToneText tone={taskScreen.tones['status']?.[task.status] ?? 'gray'}>{taskStatuses[task.status]}</ToneText>
        </Fact>
        <Fact>{taskPriorities[task.priority]} priority</Fact>
        {task.isOverdue ? (
          <Fact>
            <ToneText tone="red">Overdue</ToneText>
          </Fact>
        ) : null}
      </>
    );
  },
};
