import { beforeEach, expect, it, vi } from 'vitest';
import type { ImportReport } from '../bindings/wire';
import { exportSave, importChoose, importRun, transferStop } from '../host/commands';
import { Transfer } from './transfer.svelte';

vi.mock('../host/commands', () => ({
  exportSave: vi.fn(),
  importChoose: vi.fn(),
  importRun: vi.fn(),
  transferStop: vi.fn(() => Promise.resolve()),
}));

const looked = { added: 2, messages: 5, done: false } as ImportReport;

beforeEach(() => vi.clearAllMocks());

it('shows what an import would do, and does it when that is wanted', async () => {
  const transfer = new Transfer();
  vi.mocked(importChoose).mockResolvedValue(looked);
  await transfer.choose();
  expect(transfer.report).toEqual(looked);
  expect(importRun).not.toHaveBeenCalled();
  vi.mocked(importRun).mockResolvedValue({ ...looked, done: true });
  await transfer.import();
  expect(transfer.report?.done).toBe(true);
});

it('asks for nothing more when no file was chosen', async () => {
  const transfer = new Transfer();
  vi.mocked(importChoose).mockResolvedValue(null);
  await transfer.choose();
  expect([transfer.report, transfer.problem, transfer.running]).toEqual([null, null, null]);
});

it('keeps the question open when an export fails, with the reason', async () => {
  const transfer = new Transfer();
  transfer.askForm(['a']);
  const problem = { code: 'again', message: 'The disk is full.', detail: null, retryAfterMs: null } as const;
  vi.mocked(exportSave).mockRejectedValue(problem);
  await transfer.export('json');
  expect(exportSave).toHaveBeenCalledWith(['a'], 'json', transfer.heard);
  expect([transfer.asking, transfer.problem]).toEqual([['a'], problem]);
});

it('stops what runs when it is closed', async () => {
  const transfer = new Transfer();
  let end: (report: null) => void = () => {};
  vi.mocked(importChoose).mockReturnValue(new Promise((done) => (end = done)));
  const choosing = transfer.choose();
  transfer.close();
  expect(transferStop).toHaveBeenCalledOnce();
  end(null);
  await choosing;
});
