/** Answers to reads, as they are sent. Each is good until the organisation's next change. */
export interface AnswerCache {
  get(key: string, seq: number): string | null;
  put(key: string, seq: number, body: string): void;
}

/** Characters of one answer, and of all of them together. */
const longestAnswer = 256 * 1024;
const mostKept = 32 * 1024 * 1024;

/** Forgets what was asked for longest ago when it is full. */
export function createAnswerCache(): AnswerCache {
  const answers = new Map<string, { seq: number; body: string }>();
  let kept = 0;
  const forget = (key: string) => {
    kept -= answers.get(key)?.body.length ?? 0;
    answers.delete(key);
  };
  return {
    get(key, seq) {
      const found = answers.get(key);
      if (found === undefined) return null;
      forget(key);
      if (found.seq !== seq) return null;
      answers.set(key, found);
      kept += found.body.length;
      return found.body;
    },
    put(key, seq, body) {
      if (body.length > longestAnswer) return;
      forget(key);
      answers.set(key, { seq, body });
      kept += body.length;
      for (const oldest of answers.keys()) {
        if (kept <= mostKept) break;
        forget(oldest);
      }
    },
  };
}
