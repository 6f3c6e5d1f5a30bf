/** The text messages of the data channel, from text to a type, by the shapes of the schema. */
import { DataFromNode, DataFromSwitch } from '@etherloom/schema';

/** What one end may say: a node's words or a switch's. */
export type DataMessage = DataFromNode | DataFromSwitch;

/** The message, or a text that says what is wrong with it. */
export type ReadMessage<In> = (text: string) => In | string;

interface Shape<In> {
  safeParse(
    value: unknown,
  ): { success: true; data: In } | { success: false; error: { issues: readonly Issue[] } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function reader<In>(shape: Shape<In>): ReadMessage<In> {
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return 'not JSON';
    }
    const read = shape.safeParse(value);
    if (read.success) return read.data;
    const issue = read.error.issues[0];
    return issue === undefined ? 'not understood' : `${issue.path.join('.') || 'message'}: ${issue.message}`;
  };
}

export const readFromNode: ReadMessage<DataFromNode> = reader(DataFromNode);
export const readFromSwitch: ReadMessage<DataFromSwitch> = reader(DataFromSwitch);
