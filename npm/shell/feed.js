// An async iterator over what is pushed.

const done = { value: undefined, done: true };

class Feed {
  // The bytes of the messages that wait.
  bytes = 0;
  #items = [];
  #waiting = [];
  #isOver = false;
  #failure;
  #leave;

  // `leave` is called when nobody wants more, and after each item that is taken.
  constructor(leave) {
    this.#leave = leave;
  }

  push(value, bytes) {
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting.resolve({ value, done: false });
    } else {
      this.#items.push({ value, bytes });
      this.bytes += bytes;
    }
  }

  // Ends, when all is taken; with an error, if there is one.
  end(error) {
    this.#isOver = true;
    const first = this.#waiting.shift();
    if (first && error) {
      first.reject(error);
    } else {
      first?.resolve(done);
      this.#failure = error;
    }
    for (const waiting of this.#waiting.splice(0)) {
      waiting.resolve(done);
    }
  }

  async next() {
    const item = this.#items.shift();
    if (item) {
      this.bytes -= item.bytes;
      this.#leave(false);
      return { value: item.value, done: false };
    }
    if (this.#failure) {
      const failure = this.#failure;
      this.#failure = undefined;
      throw failure;
    }
    if (this.#isOver) {
      return done;
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async return(value) {
    this.#items = [];
    this.bytes = 0;
    this.end();
    this.#failure = undefined;
    this.#leave(true);
    return { value, done: true };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

if (Symbol.asyncDispose) {
  Feed.prototype[Symbol.asyncDispose] = async function () {
    await this.return();
  };
}

export class EventFeed extends Feed {
  hear(event, message, bytes) {
    this.push(event, bytes);
  }

  // An error is an event.
  end() {
    super.end();
  }
}

export class MessageFeed extends Feed {
  hear(event, message, bytes) {
    if (message !== undefined) {
      this.push(message, bytes);
    }
  }
}
