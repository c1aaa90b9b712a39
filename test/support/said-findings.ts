import type { Finding } from '../../shared/contracts/safety.contract.ts';
import { say } from '../../shared/words/say.ts';

/** Findings as the screen shows them. */
export function saidFindings<F extends Pick<Finding, 'text' | 'mend'>>(findings: readonly F[]) {
  return findings.map((finding) => ({ ...finding, text: say(finding.text), mend: finding.mend && say(finding.mend) }));
}
