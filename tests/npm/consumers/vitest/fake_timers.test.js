import { reconnecting } from "qwebsocket/reconnecting";
import { MemoryServer } from "qwebsocket/testing";
import { afterEach, expect, test, vi } from "vitest";

import { PASSED, passesByFakeTimers } from "./fake_timers.mjs";

afterEach(() => vi.useRealTimers());

test("time passes when the test says so", async () => {
  vi.useFakeTimers();
  const pass = (time) => vi.advanceTimersByTimeAsync(time);
  expect(await passesByFakeTimers(reconnecting, MemoryServer, pass)).toEqual(PASSED);
});
