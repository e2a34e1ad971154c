// A connection that comes back, with numbered messages on it.

import { chart } from "./chart.js";
import { get, onClick, show } from "./dom.js";
import { count, milliseconds } from "./format.js";
import { Deliveries } from "./deliveries.js";
import { Log } from "./log.js";
import { restartServer } from "./server.js";
import { Timeline } from "./timeline.js";
import { logEvents } from "./event_log.js";

const BETWEEN_MESSAGES = 200;
const BETWEEN_DRAWINGS = 100;
/** Shorter than one would choose, so that it is seen. */
const DELAYS = { firstDelay: 250, maximumDelay: 2000, uptime: 1000 };

export function startReconnecting({ reconnecting }, server) {
  const log = new Log(get("stream-log"));
  const timeline = new Timeline();
  let deliveries = new Deliveries();
  let running;

  const words = "States and messages of the last 30 seconds; the numbers below tell the same";
  const draw = (width) => timeline.draw(width, (number) => deliveries.fate(number));
  const redraw = chart(get("timeline"), draw, undefined, words);

  const start = () => {
    deliveries = new Deliveries();
    log.clear();
    log.restartClock();
    const socket = reconnecting(server.url, DELAYS);
    const timers = [
      setInterval(() => sendNumber(socket, deliveries, timeline), BETWEEN_MESSAGES),
      setInterval(() => {
        showCounts(deliveries);
        redraw();
      }, BETWEEN_DRAWINGS),
    ];
    running = { socket, timers };
    follow(socket, deliveries, timeline, log);
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
    showCounts(deliveries);
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

function sendNumber(socket, deliveries, timeline) {
  // Numbers count from 0, as the socket counts what it accepts.
  const number = socket.send(String(deliveries.accepted));
  deliveries.accept();
  timeline.addMessage(number);
}

function follow(socket, deliveries, timeline, log) {
  let connections = 0;
  const enter = (state, words) => {
    timeline.enter(state);
    show("stream-state", words);
    get("now").disabled = state !== "waiting";
  };
  const on = (name, listener) => socket.addEventListener(name, listener);

  logEvents(socket, log);
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
    deliveries.echo(Number(message));
    socket.acknowledge(Number(message));
  });
  on("ended", ({ unknown }) => {
    deliveries.lose(unknown);
    log.add("signal", "ended", `unknown: ${unknown[1] - unknown[0]}`);
  });
  on("attemptFailed", ({ error }) => log.add("signal", "attemptFailed", error?.kind ?? ""));
  on("waiting", ({ attempt, delay }) => {
    log.add("signal", "waiting", milliseconds(delay));
    enter("waiting", `Waits ${milliseconds(delay)} for attempt ${attempt}.`);
  });
  on("offline", () => enter("waiting", "Waits for the network."));
}

function showCounts(deliveries) {
  for (const name of ["accepted", "echoed", "underway", "unknown", "twice"]) {
    show(`count-${name}`, count(deliveries[name]));
  }
}
