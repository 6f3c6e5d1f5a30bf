/** The program of one end, a process of its own: obeys its parent over IPC (words.ts), and ends when that lets go. */
import process from 'node:process';
import { BenchEnd } from './bench-end.ts';
import type { Order, Question, Reply } from './words.ts';

let end: BenchEnd | null = null;

async function obey(order: Order): Promise<Omit<Reply, 'id'>> {
  switch (order.do) {
    case 'listen': {
      const made = await BenchEnd.receiver(order.token);
      end = made.end;
      return { url: made.url };
    }
    case 'dial':
      end = await BenchEnd.sender(order.url, order.token);
      return {};
    case 'coalesce':
      end!.coalesce(order.mode);
      return {};
    case 'start':
      end!.start(order.rate, order.size);
      return {};
    case 'stop':
      end!.stop();
      return {};
    case 'look':
      return { look: end!.look() };
  }
}

process.on('message', ({ id, order }: Question) => {
  obey(order).then(
    (answer) => process.send?.({ id, ...answer }),
    (error: unknown) => process.send?.({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
