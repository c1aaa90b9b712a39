/**
 * What may be handed to the system to open: web pages, mail, phone calls and messages to phones. Everything else could start a program.
 * Every way out of Fieldbook asks this.
 */
export const outsideProtocols: ReadonlySet<string> = new Set(['https:', 'mailto:', 'tel:', 'sms:']);
