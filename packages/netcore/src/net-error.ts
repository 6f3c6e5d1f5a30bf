/** A refused control request: `code` is the errno name, the message says what, where and what to do. */
export class NetError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NetError';
    this.code = code;
  }
}
