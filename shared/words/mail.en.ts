/** E-mail and the account it leaves by. */
export const mailWords = {
  'mail.serverName': 'Write the name of the mail server, like smtp.example.com.',
  'mail.withoutEncryption': 'Without encryption mail may only go to a server on this computer. Choose TLS or STARTTLS.',
  'mail.tooLong': 'Can have 80,000 characters at most. Shorten it.',
  'mail.onItsWay': 'This e-mail is being sent at this moment, so it was left as it is. Wait a moment and look again.',
  'mail.isSent': 'This e-mail has been sent, so it cannot be changed any more. Write a new one.',
  'mail.movedOn': 'This e-mail is not where it was a moment ago, so it was left as it is. Look at the outbox again.',
  'mail.noAccount': 'There is no mail account yet. Fill in the server and save it first.',
} as const;
