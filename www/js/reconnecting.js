// A connection that comes back, with numbered messages on it.

import { chart } from "./chart.js";
import { get, onClick, show } from "./dom.js";
import { count, milliseconds } from "./format.js";
import { Ledger } from "./ledger.js";
import { Log } from "./log.js";
import { restartServer } from "./server.js";
import { Timeline } from "./timeline.js";
import { writeDown } from "./told.js";

const BETWEEN_MESSAGES = 200;
const BETWEEN_DRAWINGS = 100;
/** Shorter than one would choose, so that it is seen. */
const DELAYS = { firstDelay: 250, maximumDelay: 2000, uptime: 1000 };

export function startReconnecting({ reconnecting }, server) {
  const log = new Log(get("stream-log"));
  const timeline = new Timeline();
  let ledger = new Ledger();
  let running;

  const words = "States and messages of the last 30 seconds; the numbers below tell the same";
  const draw = (width) => timeline.draw(width, (number) => ledger.fate(number));
  const redraw = chart(get("timeline"), draw, undefined, words);

  const start = () => {
    ledger = new Ledger();
    log.clear();
    log.restartClock();
    const socket = reconnecting(server.url, DELAYS);
    const timers = [
      setInterval(() => sendNumber(socket, ledger, timeline), BETWEEN_MESSAGES),
      setInterval(() => {
        showCounts(ledger);
        redraw();
      }, BETWEEN_DRAWINGS),
    ];
    running = { socket, timers };
    follow(socket, ledger, timeline, log);
    socket.addEventListener("givenUp", stop);
    show("stream", "Stop");
    get("restart").disabled = !server.restarts;
  };
  const stop = () => {
    if (!running) {
      return;
    }
    running.timers.forEach(clearInterval);
    running.socket.close(1000, "enough");
    running = undefined;
    timeline.enter();
    showCounts(ledger);
    redraw();
    show("stream", "Start again");
    show("stream-state", "Stopped.");
    get("restart").disabled = true;
    get("now").disabled = true;
  };

  onClick("stream", () => (running ? stop() : start()));
  onClick("now", () => running.socket.reconnectNow());
  onClick("restart", async () => {
    try {
      await restartServer(get("pause").value);
    } catch (error) {
      show("stream-state", error.message);
    }
  });
  get("stream").disabled = false;
}

function sendNumber(socket, ledger, timeline) {
  // Numbers count from 0, as the socket counts what it accepts.
  const number = socket.send(String(ledger.accepted));
  ledger.accept();
  timeline.addMessage(number);
}

function follow(socket, ledger, timeline, log) {
  let connections = 0;
  const enter = (state, words) => {
    timeline.enter(state);
    show("stream-state", words);
    get("now").disabled = state !== "waiting";
  };
  const on = (name, listener) => socket.addEventListener(name, listener);

  writeDown(socket, log);
  on("attempt", ({ attempt }) => {
    log.add("call", "attempt", count(attempt));
    enter("connecting", `Connects, attempt ${attempt}.`);
  });
  on("connected", () => {
    connections += 1;
    show("count-connections", connections);
    enter("connected", "Connected.");
  });
  on("textMessageReceived", ({ message }) => {
    ledger.echo(Number(message));
    socket.acknowledge(Number(message));
  });
  on("ended", ({ unknown }) => {
    ledger.lose(unknown);
    log.add("signal", "ended", `unknown: ${unknown[1] - unknown[0]}`);
  });
  on("attemptFailed", ({ error }) => log.add("signal", "attemptFailed", error?.kind ?? ""));
  on("waiting", ({ attempt, delay }) => {
    log.add("signal", "waiting", milliseconds(delay));
    enter("waiting", `Waits ${milliseconds(delay)} for attempt ${attempt}.`);
  });
  on("offline", () => enter("waiting", "Waits for the network."));
}

function showCounts(ledger) {
  for (const name of ["accepted", "echoed", "underway", "unknown", "twice"]) {
    show(`count-${name}`, count(ledger[name]));
  }
}
