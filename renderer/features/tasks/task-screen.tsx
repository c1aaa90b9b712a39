import { IconChecklist } from '@tabler/icons-react';
import type { TaskView } from '../../../shared/contracts/record.contract.ts';
import { taskPriorities, taskStatuses } from '../../../shared/nouns/task/task.ts';
import { Fact } from '../../ui/fact.tsx';
import { LinkFact } from '../records/link-fact.tsx';
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
        <LinkFact label="Client" noun="clients" id={task.clientId} name={task.clientName} />
        <Fact tone={taskScreen.tones['status']?.[task.status] ?? 'gray'}>{taskStatuses[task.status]}</Fact>
        <Fact>{taskPriorities[task.priority]} priority</Fact>
        {task.isOverdue ? <Fact tone="red">Overdue</Fact> : null}
      </>
    );
  },
};
