// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { SecretField } from './secret.svelte';

function typed(text: string, send: (text: string) => Promise<void>) {
  const input = document.createElement('input');
  const secret = new SecretField(send);
  secret.hold(input);
  input.value = text;
  secret.look();
  return { input, secret };
}

it('sends the words without blanks around them and empties the field at once', async () => {
  const sent: string[] = [];
  let answer = () => {};
  const { input, secret } = typed(' key ', (text) => {
    sent.push(text);
    return new Promise((done) => (answer = done));
  });
  expect(secret.filled).toBe(true);
  const submitting = secret.submit(new SubmitEvent('submit'));
  expect([sent, input.value, secret.busy, secret.filled]).toEqual([['key'], '', true, false]);
  answer();
  await submitting;
  expect(secret.busy).toBe(false);
});

it('keeps the reason of a refusal until the next try', async () => {
  const problem = { code: 'refused', message: 'No.', detail: null, retryAfterMs: null };
  const { secret } = typed('x', () => Promise.reject(problem));
  await secret.submit(new SubmitEvent('submit'));
  expect(secret.problem).toEqual(problem);
});
